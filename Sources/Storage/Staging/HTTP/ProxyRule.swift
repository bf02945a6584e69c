/// Which proxy a request goes over: the configured one; else the one that the environment names, as curl and most programs
/// read it.
struct ProxyRule: Sendable {
    private let settings: TransferSettings

    init(_ settings: TransferSettings) {
        self.settings = settings
    }

    /// - Returns: empty for none. Hosts of `exceptions` are reached without it all the same.
    func proxy(for url: String) -> String {
        if let proxy = self.settings.proxy { return proxy }
        // HTTP_PROXY does not count: in a CGI program it is a header of whoever asks.
        let names = url.lowercased().hasPrefix("https:") ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        return self.first(of: names + ["all_proxy", "ALL_PROXY"])
    }

    /// Hosts that are reached without a proxy, by commas.
    var exceptions: String { self.settings.noProxy ?? self.first(of: ["no_proxy", "NO_PROXY"]) }

    private func first(of names: [String]) -> String {
        names.lazy.compactMap { self.settings.environment[$0] }.first { !$0.isEmpty } ?? ""
    }
}
