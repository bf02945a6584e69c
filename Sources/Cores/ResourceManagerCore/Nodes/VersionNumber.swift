import ClusterModel

/// A dotted version; what follows the numbers, as `-SNAPSHOT`, is ignored.
struct VersionNumber: Comparable {
    private var parts: [Int]

    init(_ text: String) {
        let numbers = text.prefix { $0.isNumber || $0 == "." }
        self.parts = numbers.split(separator: ".").map { Int($0) ?? 0 }
        while self.parts.last == 0 { self.parts.removeLast() }
    }

    static func < (left: VersionNumber, right: VersionNumber) -> Bool {
        left.parts.lexicographicallyPrecedes(right.parts)
    }

    /// - Parameter minimum: `yarn.resourcemanager.nodemanager.minimum.version`: a version, `NONE`, or `EqualToRM`.
    static func isAcceptable(_ version: String, minimum: String) -> Bool {
        switch minimum {
        case "NONE", "": true
        case "EqualToRM": VersionNumber(version) >= VersionNumber(HeddleVersion.hadoopCompatibility)
        default: VersionNumber(version) >= VersionNumber(minimum)
        }
    }
}
