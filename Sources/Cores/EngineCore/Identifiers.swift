/// A job of one application: what one action asked for.
package struct JobID: Hashable, Comparable, Sendable {
    package var number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: JobID, right: JobID) -> Bool { left.number < right.number }
}
