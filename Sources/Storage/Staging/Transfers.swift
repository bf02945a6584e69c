/// Fetches.
package final class Transfers: Sendable {
    package init() {}
}
