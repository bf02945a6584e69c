/// A request that Apache's ResourceManager answers with a server error, or carries out for anybody, and we do not.
///
/// Success bodies and the other errors are Apache's. This list is complete: a test runs every line.
package struct ApacheDeviation: Sendable {
    package var method: String
    /// `{app}` stands for an application that runs.
    package var path: String
    package var accept: String?
    package var body: String?
    package var apacheStatus: Int
    package var status: Int
    package var reason: String

    package static let all = [
        ApacheDeviation(
            method: "GET",
            path: "/ws/v1/cluster/info",
            accept: "text/plain",
            apacheStatus: 500,
            status: 406,
            reason: "The caller asks for a form that there is not; nothing is wrong here."
        ),
        ApacheDeviation(
            method: "GET",
            path: "/ws/v1/cluster/apps/application_1234567890123_0001",
            accept: "application/xml",
            apacheStatus: 500,
            status: 404,
            reason: "An error has a form in XML too: RemoteException."
        ),
        ApacheDeviation(
            method: "DELETE",
            path: "/ws/v1/cluster/info",
            apacheStatus: 500,
            status: 405,
            reason: "The path exists for other methods, which Allow lists."
        ),
        ApacheDeviation(
            method: "PUT",
            path: "/ws/v1/cluster/apps/{app}/state?user.name=alice",
            body: "{}",
            apacheStatus: 500,
            status: 400,
            reason: "A body without a state is the caller's mistake."
        ),
        ApacheDeviation(
            method: "PUT",
            path: "/ws/v1/cluster/apps/{app}/state",
            body: #"{"state":"KILLED"}"#,
            apacheStatus: 202,
            status: 403,
            reason: "Changes need a named user: whoever reaches an open port is dr.who there."
        ),
        ApacheDeviation(
            method: "POST",
            path: "/ws/v1/cluster/apps/new-application",
            apacheStatus: 200,
            status: 403,
            reason: "As above."
        ),
    ]
}
