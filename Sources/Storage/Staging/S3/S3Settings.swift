/// How buckets are reached (`fs.s3a.*`).
package struct S3Settings: Sendable, Hashable {
    package struct Bucket: Sendable, Hashable {
        /// `host`, `host:port`, or with `http://` or `https://` before it; nil: AWS's own of the region.
        package var endpoint: String?
        package var region: String?
        /// The bucket's name in the path and not before the host.
        package var usesPathStyle = false
        /// For endpoints without a scheme.
        package var usesTLS = true
        package var accessKey: String?
        package var secretKey: String?
        package var sessionToken: String?
        /// Requests are not signed: for buckets that everybody may read.
        package var isAnonymous = false
        /// Whether objects are removed a thousand at a time.
        package var removesMany = true

        package init() {}
    }

    package var common = Bucket()
    /// Buckets that have something of their own, with the rest as in `common`.
    package var buckets: [String: Bucket] = [:]
    /// Bytes from which a file goes up, or an object is copied, in parts, and of each part.
    package var multipartThreshold: Int64 = 128 << 20
    package var partSize: Int64 = 64 << 20
    /// Where a machine of EC2 finds its credentials; nil: it is not asked.
    package var metadataEndpoint: String? = "http://169.254.169.254"
    /// `AWS_ACCESS_KEY_ID` and its kind.
    package var environment: [String: String] = [:]

    package init() {}

    package subscript(bucket name: String) -> Bucket { self.buckets[name] ?? self.common }
}
