/// Parameters of WebHDFS that Heddle's own server and client add to Hadoop's; others pass them over.
package enum OwnParameters {
    /// Marks the second step of CREATE and APPEND, in the address that the first one answers.
    package static let stream = "heddle.stream"
    /// What a client calls itself in all steps of one upload, so that it may begin anew.
    package static let writer = "heddle.writer"
    /// Says that the bytes come with the first step, which makes it the only one: HttpFS's own.
    package static let data = "data"
}
