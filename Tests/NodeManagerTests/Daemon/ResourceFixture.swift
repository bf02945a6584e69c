import Glibc
import HadoopProtos

@testable import NodeManager

extension LocalResourceProto {
    /// A file of this machine as a client states it after it has uploaded it.
    static func file(
        _ path: String,
        kind: LocalResourceTypeProto = .file,
        visibility: LocalResourceVisibilityProto = .private
    ) -> LocalResourceProto {
        var status = stat()
        _ = unsafe stat(path, &status)
        var resource = LocalResourceProto()
        resource.resource.scheme = "file"
        resource.resource.port = -1
        resource.resource.file = path
        resource.size = Int64(status.st_size)
        resource.timestamp = Int64(status.st_mtim.tv_sec) * 1_000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
        resource.type = kind
        resource.visibility = visibility
        return resource
    }
}

extension StringLocalResourceMapProto {
    /// The resource under the name that the container sees it by.
    static func named(_ name: String, _ resource: LocalResourceProto) -> StringLocalResourceMapProto {
        var entry = StringLocalResourceMapProto()
        entry.key = name
        entry.value = resource
        return entry
    }
}

/// Files and folders below `folder` that this process holds open.
func openFiles(below folder: String) -> [String] {
    directoryEntries("/proc/self/fd").compactMap { name in
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/fd/\(name)", &buffer, buffer.count)
        guard length > 0 else { return nil }
        let target = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return target.hasPrefix("\(folder)/") ? target : nil
    }
}

/// Processes that a container below `folder` started and their supervisors, found by the mark that all of them carry.
func containerProcesses(below folder: String) -> [ProcessStatus] {
    ProcessTable.read().all.filter { status in
        readSmallFile("/proc/\(status.number)/environ", maximum: 1 << 20)?
            .contains("\(ContainerStateFile.environmentName)=\(folder)/") == true
    }
}
