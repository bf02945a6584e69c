import Glibc

extension Transfers {
    /// Sets the permission bits of a file or folder; S3 has none, and nothing happens there.
    package func setPermission(
        _ mode: UInt16,
        of location: ResourceLocation,
        user: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) throws(TransferFailure) {
        let (files, mapped) = try self.files(location, as: nil, user: user, cancellation)
        if let remote = files as? WebHDFSFiles {
            let words = [("permission", String(mode, radix: 8))]
            let address = try remote.address(mapped, "SETPERMISSION", words)
            _ = try remote.calls.call(
                "Resource \(location) cannot be given permission \(String(mode, radix: 8))",
                failure: { WebHDFSFiles.failure("changed", location, $0) },
                request: { HTTPRequest(method: .put, url: address.url) }
            )
        } else if files is LocalFiles {
            guard unsafe chmod(mapped.path, mode_t(mode)) == 0 else {
                throw TransferFailure("Resource \(location): \(SystemError("change the permission of", mapped.path))")
            }
        }
    }
}
