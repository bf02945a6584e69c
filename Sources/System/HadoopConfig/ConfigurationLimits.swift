/// How much a configuration may cost to read. Real ones stay orders of magnitude below; a file that passes a limit is a
/// mistake (a log or a device in place of the file) or an attack.
package struct ConfigurationLimits: Hashable, Sendable {
    /// Bytes of one file. Hadoop's own largest default file has 0.2 MB.
    package var fileBytesMaximum = 16 << 20
    /// Bytes of all files together, included ones counted each time they are included.
    package var totalBytesMaximum = 64 << 20
    /// Elements inside each other; Hadoop's format needs six.
    package var elementDepthMaximum = 32
    /// Files that include each other in a chain.
    package var includeDepthMaximum = 10
    /// Included files in all.
    package var includeCountMaximum = 256
    /// Properties in all; a capacity-scheduler.xml of a thousand queues has some 20,000.
    package var propertyCountMaximum = 200_000
    /// Bytes of a property's name.
    package var keyBytesMaximum = 4 << 10
    /// Bytes of a property's value, before and after substitution.
    package var valueBytesMaximum = 1 << 20

    package init() {}
}
