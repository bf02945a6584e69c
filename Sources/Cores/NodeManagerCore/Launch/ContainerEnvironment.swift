package import ClusterModel

/// The environment of a container, in the order of its export lines.
package struct ContainerEnvironment: Sendable, Equatable {
    /// The NodeManager's own values, used only where the container's shell has none (`${K:-"value"}`).
    package var inherited: [EnvironmentVariable]
    /// Set whatever the shell has: the NodeManager's, then the user's, each after the variables that it refers to.
    package var set: [EnvironmentVariable]

    /// What the NodeManager tells every container; user variables of these names are ignored.
    package struct Facts: Sendable {
        package var container: ContainerID
        package var user: String
        package var node: NodeIdentity
        package var directories: ContainerDirectories
        /// `usercache/<user>/appcache/<application>` of each local folder.
        package var applicationDirectories: [String]
        /// `usercache/<user>/` of each local folder.
        package var userDirectories: [String]
        /// The container's folder in each log folder.
        package var logDirectories: [String]
        /// Name and base64 data of each auxiliary service.
        package var services: [EnvironmentVariable]
    }

    package init(facts: Facts, user: [EnvironmentVariable], settings: NodeManagerSettings) {
        let expansion = TextExpansion(logDirectory: facts.directories.log)
        var own = Self.own(facts, homeDirectory: settings.userHomeDirectory)
        let ownNames = Set(own.map(\.name))
        var given = Self.lastOfEach(user).filter { !ownNames.contains($0.name) }
        for index in given.indices { given[index].value = expansion.expand(given[index].value) }
        for variable in settings.administratorEnvironment where !ownNames.contains(variable.name) {
            // Hadoop adds the administrator's value to the user's, as PATH-like variables want it.
            if let index = given.firstIndex(where: { $0.name == variable.name }) {
                guard !variable.value.isEmpty else { continue }
                let separator = given[index].value.isEmpty ? "" : ":"
                given[index].value += separator + variable.value
            } else {
                own.append(variable)
            }
        }
        if !settings.forcedPath.isEmpty {
            if let index = given.firstIndex(where: { $0.name == "PATH" }) {
                given[index].value = "\(settings.forcedPath):\(given[index].value)"
            } else {
                // After the inherited line, whose value it goes before.
                own.append(EnvironmentVariable("PATH", "\(settings.forcedPath):$PATH"))
            }
        }
        let setNames = ownNames.union(given.map(\.name)).union(own.map(\.name))
        self.inherited = settings.inheritedEnvironment.filter {
            !setNames.contains($0.name) || ($0.name == "PATH" && !settings.forcedPath.isEmpty)
        }
        self.set = own + Self.inOrderOfReference(given)
    }

    private static func own(_ facts: Facts, homeDirectory: String) -> [EnvironmentVariable] {
        [
            EnvironmentVariable("HADOOP_TOKEN_FILE_LOCATION", facts.directories.work + "/container_tokens"),
            EnvironmentVariable("CONTAINER_ID", facts.container.description),
            EnvironmentVariable("NM_PORT", String(facts.node.id.port)),
            EnvironmentVariable("NM_HOST", facts.node.id.host),
            EnvironmentVariable("NM_HTTP_PORT", String(facts.node.httpPort)),
            EnvironmentVariable("LOCAL_DIRS", facts.applicationDirectories.joined(separator: ",")),
            EnvironmentVariable("LOCAL_USER_DIRS", facts.userDirectories.joined(separator: ",")),
            EnvironmentVariable("LOG_DIRS", facts.logDirectories.joined(separator: ",")),
            EnvironmentVariable("USER", facts.user),
            EnvironmentVariable("LOGNAME", facts.user),
            EnvironmentVariable("HOME", homeDirectory),
            EnvironmentVariable("PWD", facts.directories.work),
            EnvironmentVariable("JVM_PID", "$$"),
        ] + facts.services.map { EnvironmentVariable("NM_AUX_SERVICE_" + $0.name, $0.value) }
    }

    /// A name given twice has its last value, at its first place, as in Hadoop's map.
    private static func lastOfEach(_ variables: [EnvironmentVariable]) -> [EnvironmentVariable] {
        var result: [EnvironmentVariable] = []
        var places: [String: Int] = [:]
        for variable in variables {
            if let place = places[variable.name] {
                result[place].value = variable.value
            } else {
                places[variable.name] = result.count
                result.append(variable)
            }
        }
        return result
    }

    /// The client's order, except that a variable comes after those that its value refers to. Of variables that refer
    /// to each other in a circle the one that comes first is defined first.
    static func inOrderOfReference(_ variables: [EnvironmentVariable]) -> [EnvironmentVariable] {
        let places = Dictionary(uniqueKeysWithValues: variables.enumerated().map { ($1.name, $0) })
        var visited = [Bool](repeating: false, count: variables.count)
        var result: [EnvironmentVariable] = []
        result.reserveCapacity(variables.count)
        for start in variables.indices where !visited[start] {
            // Depth first without recursion: a chain of references may be as long as the list.
            var path: [(place: Int, references: [Int])] = [(start, references(of: start))]
            visited[start] = true
            while let top = path.indices.last {
                if let next = path[top].references.popLast() {
                    if !visited[next] {
                        visited[next] = true
                        path.append((next, references(of: next)))
                    }
                } else {
                    result.append(variables[path.removeLast().place])
                }
            }
        }
        return result

        /// Last reference first, so that `popLast` takes them in the order of the text.
        func references(of place: Int) -> [Int] {
            variableNames(in: variables[place].value).compactMap { places[$0] }.filter { $0 != place }.reversed()
        }
    }
}

/// The names after `$` and `${` in a value, in order.
func variableNames(in value: String) -> [String] {
    guard value.utf8.contains(UInt8(ascii: "$")) else { return [] }
    let bytes = Array(value.utf8)
    var names: [String] = []
    var position = 0
    while position < bytes.count {
        guard bytes[position] == UInt8(ascii: "$") else {
            position += 1
            continue
        }
        position += 1
        if position < bytes.count, bytes[position] == UInt8(ascii: "{") { position += 1 }
        let start = position
        while position < bytes.count, isNameByte(bytes[position], first: position == start) { position += 1 }
        if position > start { names.append(String(decoding: bytes[start..<position], as: UTF8.self)) }
    }
    return names
}

/// True for a name that bash accepts after `export`.
func isVariableName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.enumerated().allSatisfy { isNameByte($1, first: $0 == 0) }
}

private func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
    default: false
    }
}
