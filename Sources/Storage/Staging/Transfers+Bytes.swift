extension Transfers {
    /// The body of an http or https answer, in memory.
    /// - Parameters:
    ///   - headers: sent with the request, and with no other host's.
    ///   - maximum: bytes of the body.
    package func content(
        of location: ResourceLocation,
        headers: [(name: String, value: String)] = [],
        maximum: Int = .max
    ) throws(TransferFailure) -> [UInt8] {
        let address = try HTTPAddress(location)
        let calls = HTTPCalls(
            settings: self.settings,
            loop: self.loop,
            cancellation: Cancellation(),
            chance: self.chance
        )
        return try calls.call(
            "Resource \(location) cannot be fetched",
            maximum: maximum,
            failure: { HTTPFiles.failure("fetched", location, $0) },
            request: {
                var request = HTTPRequest(url: address.url, user: address.user, password: address.password)
                request.secretHeaders = headers.map { HTTPRequest.Header(name: $0.name, value: $0.value) }
                return request
            }
        ).body
    }
}
