import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Parts of files that wait for their place in a connection's answers.
final class FileQueue: Sendable {
    struct Entry: Sendable {
        var region: FileRegion
        var promise: EventLoopPromise<Void>
    }

    private struct State {
        var waiting: [Entry] = []
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())

    /// - Throws: when the connection has ended.
    func append(_ entry: Entry) throws {
        let isTaken = self.state.withLockedValue { state in
            if !state.isClosed { state.waiting.append(entry) }
            return !state.isClosed
        }
        guard isTaken else {
            entry.promise.fail(ChannelError.ioOnClosedChannel)
            throw ChannelError.ioOnClosedChannel
        }
    }

    func next() -> Entry? {
        self.state.withLockedValue { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
    }

    func close() {
        let left = self.state.withLockedValue { state in
            defer { state.waiting = [] }
            state.isClosed = true
            return state.waiting
        }
        for entry in left { entry.promise.fail(ChannelError.ioOnClosedChannel) }
    }
}

/// Puts parts of files into answers, so that the kernel sends them (sendfile(2)) and they never come into memory.
///
/// The types that answers are made of know bytes only. So a part of a file is queued beside them and an empty piece of
/// body holds its place; when that comes by, this hands the file's part straight to the HTTP encoder.
final class FileBodies: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    let queue = FileQueue()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .body(let piece) = self.unwrapOutboundIn(data), piece.readableBytes == 0,
            let entry = self.queue.next()
        else {
            context.write(data, promise: promise)
            return
        }
        do {
            let codec = try context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
            codec.write(NIOAny(HTTPServerResponsePart.body(.fileRegion(entry.region))), promise: entry.promise)
            promise?.succeed()
        } catch {
            entry.promise.fail(error)
            promise?.fail(error)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.queue.close() }
}

@available(*, unavailable)
extension FileBodies: Sendable {}
