internal import ApplicationMaster
internal import EngineCore
internal import HadoopConfig
internal import HadoopHTTP

/// The pools of `spark.scheduler.allocation.file`, in Spark's form:
///
///     <allocations>
///       <pool name="reports"><schedulingMode>FAIR</schedulingMode><weight>2</weight><minShare>4</minShare></pool>
///     </allocations>
///
/// Without the setting it is `fairscheduler.xml` in SPARK_CONF_DIR, else in the working folder, which in a container has
/// the files of `--files`. Where Spark warns of a value that it does not know and takes another, this is refused.
enum PoolsFile {
    /// - Throws: when the file that is set cannot be read, or one is not what it should be.
    static func pools(_ properties: EngineProperties) throws(EngineProperties.Unusable) -> [String: PoolSettings] {
        guard let name = properties[.poolsFile] else {
            let folders = [ExecutorEnvironment.variable("SPARK_CONF_DIR"), "."].compactMap { $0 }
            for path in folders.map({ "\($0)/fairscheduler.xml" }) {
                if let bytes = try self.bytes(of: path) { return try self.pools(in: bytes, path) }
            }
            return [:]
        }
        guard let bytes = try self.bytes(of: name) else {
            throw self.unusable(name, "does not exist; spark.scheduler.allocation.file names it")
        }
        return try self.pools(in: bytes, name)
    }

    /// More pools than anybody keeps apart.
    private static let bytesMaximum = 1 << 20

    /// - Returns: nil where there is no such file.
    private static func bytes(of name: String) throws(EngineProperties.Unusable) -> [UInt8]? {
        do {
            let source = try FileSources.source(of: name)
            guard let found = try source.find(name) else { return nil }
            guard case .file(let file) = found else { throw self.unusable(name, "is a folder") }
            guard file.length <= self.bytesMaximum else {
                throw self.unusable(name, "has \(file.length) bytes; accepted are up to \(self.bytesMaximum)")
            }
            return try file.content(unpacked: false)
        } catch let error as EngineProperties.Unusable {
            throw error
        } catch {
            throw self.unusable(name, "cannot be read: \(error)")
        }
    }

    private static func pools(
        in bytes: [UInt8],
        _ name: String
    ) throws(EngineProperties.Unusable) -> [String: PoolSettings] {
        let root: RESTBody
        do {
            root = try RESTBody(xml: bytes, keepsAttributes: true)
        } catch {
            throw self.unusable(name, "is not well-formed: \(error)")
        }
        var pools: [String: PoolSettings] = [:]
        for pool in root.all("pool") {
            guard let title = pool.text("name"), !title.isEmpty else {
                throw self.unusable(name, "has a pool without a name")
            }
            guard pools[title] == nil else { throw self.unusable(name, "has two pools of the name \(title)") }
            pools[title] = try self.settings(of: pool, title, name)
        }
        return pools
    }

    private static func settings(
        of pool: RESTBody,
        _ title: String,
        _ name: String
    ) throws(EngineProperties.Unusable) -> PoolSettings {
        func text(_ element: String) -> Substring? {
            guard let text = pool.text(element)?.trimmingHadoopSpace, !text.isEmpty else { return nil }
            return text
        }
        func count(_ element: String, from least: Int) throws(EngineProperties.Unusable) -> Int? {
            guard let text = text(element) else { return nil }
            guard let number = Int32(text), number >= least else {
                throw self.unusable(
                    name,
                    "says \(element) \(text.prefix(64)) of pool \(title); accepted are whole numbers from \(least)"
                )
            }
            return Int(number)
        }
        var settings = PoolSettings()
        switch text("schedulingMode")?.uppercased() {
        case nil, "FIFO": break
        case "FAIR": settings.mode = .fair
        case let mode?:
            throw self.unusable(
                name,
                "says schedulingMode \(mode.prefix(64)) of pool \(title); accepted are FIFO and FAIR"
            )
        }
        settings.weight = try count("weight", from: 1) ?? settings.weight
        settings.minimumShare = try count("minShare", from: 0) ?? settings.minimumShare
        return settings
    }

    private static func unusable(_ name: String, _ reason: String) -> EngineProperties.Unusable {
        EngineProperties.Unusable([.poolsFile], "The file of pools \(name) \(reason)")
    }
}
