package import ClusterModel

/// A WebHDFS delegation token in an application's credentials, as far as renewing it needs to be known.
package struct RenewableToken: Hashable, Sendable {
    /// Whether its server is asked over https (`SWEBHDFS delegation`).
    package var isSecure: Bool
    /// `address:port` or `host:port` of that server.
    package var service: String
    /// Who may renew it, by the name that the server knows.
    package var renewer: String
    package var owner: String
    /// The server's number of it.
    package var number: Int32
    /// No renewal leads beyond this.
    package var maximumDate: Timestamp
    /// As it stands in addresses. Whoever has it acts as the owner: it must not reach a log.
    package var text: String

    package init(
        isSecure: Bool = false,
        service: String,
        renewer: String,
        owner: String,
        number: Int32,
        maximumDate: Timestamp,
        text: String
    ) {
        self.isSecure = isSecure
        self.service = service
        self.renewer = renewer
        self.owner = owner
        self.number = number
        self.maximumDate = maximumDate
        self.text = text
    }
}

extension RenewableToken: CustomStringConvertible {
    /// What may be read by everybody.
    package var description: String {
        let kind = self.isSecure ? "SWEBHDFS" : "WEBHDFS"
        return "\(kind) delegation token \(self.number) of \(self.owner) for \(self.service)"
    }
}
