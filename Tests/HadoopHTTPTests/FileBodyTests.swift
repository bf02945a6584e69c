import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import Testing

@testable import HadoopHTTP

/// Parts of files in answers reach the socket as parts of files, which NIO hands to sendfile(2): no byte of them is read.
@Suite struct FileBodyTests {
    @Test func `a part of a file stays one on its way to the socket, in its place among bytes`() throws {
        let channel = EmbeddedChannel()
        let files = FileBodies()
        try channel.pipeline.syncOperations.addHandlers([HTTP1ToHTTPServerCodec(secure: false), files])
        let file = try NIOFileHandle(_deprecatedPath: "/proc/self/exe")
        defer { try? file.close() }
        let promise = channel.eventLoop.makePromise(of: Void.self)

        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "before")))
        let region = FileRegion(fileHandle: file, readerIndex: 7, endIndex: 1_000_007)
        try files.queue.append(FileQueue.Entry(region: region, promise: promise))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer()))
        try channel.writeOutbound(HTTPResponsePart.body(ByteBuffer(string: "after")))
        try channel.writeOutbound(HTTPResponsePart.end(nil))

        var seen: [String] = []
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            switch part {
            case .head(let head): seen.append("\(head.status.code)")
            case .body(.byteBuffer(let bytes)): seen.append(String(buffer: bytes))
            case .body(.fileRegion(let part)): seen.append("file \(part.readerIndex) to \(part.endIndex)")
            case .end: seen.append("end")
            }
        }
        #expect(seen == ["200", "before", "file 7 to 1000007", "after", "end"])
        try promise.futureResult.wait()
        _ = try channel.finish()
    }

    @Test func `parts that nobody sends any more end with their connection`() throws {
        let channel = EmbeddedChannel()
        let files = FileBodies()
        try channel.pipeline.syncOperations.addHandlers([HTTP1ToHTTPServerCodec(secure: false), files])
        let file = try NIOFileHandle(_deprecatedPath: "/proc/self/exe")
        defer { try? file.close() }
        let (waiting, late) = (
            channel.eventLoop.makePromise(of: Void.self), channel.eventLoop.makePromise(of: Void.self)
        )
        let region = FileRegion(fileHandle: file, readerIndex: 0, endIndex: 1)
        try files.queue.append(FileQueue.Entry(region: region, promise: waiting))
        _ = try channel.finish()
        #expect(throws: ChannelError.ioOnClosedChannel) { try waiting.futureResult.wait() }
        #expect(throws: ChannelError.ioOnClosedChannel) {
            try files.queue.append(FileQueue.Entry(region: region, promise: late))
        }
        #expect(throws: ChannelError.ioOnClosedChannel) { try late.futureResult.wait() }
    }
}
