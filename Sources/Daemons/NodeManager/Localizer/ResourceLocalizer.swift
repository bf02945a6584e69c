package import Staging

/// Brings resources onto this node: fetched, checked and unpacked beside their place, then moved there whole.
package final class ResourceLocalizer: Sendable {
    private let transfers: Transfers
    private let limits: UnpackLimits

    package init(transfers: Transfers, limits: UnpackLimits = UnpackLimits()) {
        self.transfers = transfers
        self.limits = limits
    }

    /// Brings one resource into a folder of its own, for example `<local-dir>/filecache/17`.
    ///
    /// The folder must not exist, its parent must; `<directory>_tmp` is used on the way. When this throws, neither
    /// exists. Cancelling the task ends a running transfer.
    package func localize(
        _ request: LocalizationRequest,
        into directory: String
    ) async throws(LocalizationFailure) -> LocalizedResource {
        throw LocalizationFailure("\(request.source) cannot be fetched")
    }
}
