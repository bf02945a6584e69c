import Foundation
import HadoopProtos
import SwiftProtobuf

@testable import HadoopWire

/// One recorded connection between real Hadoop parties.
struct Recording {
    struct Turn: Decodable {
        enum Side: String, Decodable {
            case client
            case server
        }
        let from: Side
        let hex: String
        var bytes: [UInt8] { [UInt8](hex: self.hex) }
    }

    let name: String
    let turns: [Turn]

    /// Everything that one side sent.
    func bytes(from side: Turn.Side) -> [UInt8] {
        self.turns.filter { $0.from == side }.flatMap(\.bytes)
    }

    /// The frames that one side sent, without their lengths, after the client's preamble.
    func frames(from side: Turn.Side) throws -> [[UInt8]] {
        let bytes = Array(self.bytes(from: side).dropFirst(side == .client ? IPCProtocol.preambleLength : 0))
        var decoder = FrameDecoder(lengthMaximum: .max)
        var offset = 0
        var frames: [[UInt8]] = []
        while let frame = try decoder.next(bytes.span, at: &offset) {
            switch frame {
            case .inInput(let range): frames.append(Array(bytes[range]))
            case .collected(let content): frames.append(content)
            }
        }
        return frames
    }

    /// Whether the connection began with SASL.
    var usesSasl: Bool { self.bytes(from: .client)[6] == Preamble.Authentication.sasl.rawValue }

    /// The SASL messages of one side, in order.
    func saslMessages(from side: Turn.Side) throws -> [RpcSaslProto] {
        guard self.usesSasl else { return [] }
        return try self.frames(from: side).compactMap { frame in
            var offset = 0
            let header = try frame.span.delimited(at: &offset, before: frame.count)
            let callID =
                side == .client
                ? try RequestHeader(frame.span, at: header).callID
                : try ResponseHeader(frame.span, at: header).callID
            guard callID == CallID.sasl else { return nil }
            let message = try frame.span.delimited(at: &offset, before: frame.count)
            return try RpcSaslProto(serializedBytes: Array(frame[message]))
        }
    }

    /// The directives of the client's digest.
    func digestResponse() throws -> DigestDirectives? {
        for message in try self.saslMessages(from: .client) where !message.token.isEmpty {
            return try DigestDirectives(Array(message.token))
        }
        return nil
    }
}

/// All recorded connections. The folder stands beside the repository.
struct Recordings {
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "The recorded connections must be in \(self.path)" }
    }

    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/wire/recordings").standardizedFileURL

    let all: [Recording]

    init() throws {
        let files = try? FileManager.default.contentsOfDirectory(at: Self.folder, includingPropertiesForKeys: nil)
        let names = (files ?? []).filter { $0.pathExtension == "jsonl" }.sorted { $0.path < $1.path }
        guard !names.isEmpty else { throw Missing(path: Self.folder.path) }
        self.all = try names.map { file in
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            let turns = try lines.map { try JSONDecoder().decode(Recording.Turn.self, from: Data($0.utf8)) }
            return Recording(name: file.lastPathComponent, turns: turns)
        }
    }

    /// The NodeManager's registration, which carries the keys.
    func registration() throws -> RegisterNodeManagerResponseProto {
        for recording in self.all where recording.name.hasPrefix("nm-to-rm-8031") {
            for frame in try recording.frames(from: .server) {
                var offset = 0
                _ = try frame.span.delimited(at: &offset, before: frame.count)
                let range = try frame.span.delimited(at: &offset, before: frame.count)
                let answer = try RegisterNodeManagerResponseProto(serializedBytes: Array(frame[range]))
                if answer.hasNmTokenMasterKey { return answer }
            }
        }
        throw Missing(path: "nm-to-rm-8031-01.jsonl (the registration reply)")
    }

    /// Every container that any party asked a NodeManager to start.
    func startRequests() throws -> [StartContainerRequestProto] {
        var requests: [StartContainerRequestProto] = []
        for recording in self.all where recording.name.hasPrefix("to-nm") {
            for call in try recording.calls() where call.signature.method == "startContainers" {
                requests += try StartContainersRequestProto(serializedBytes: call.request).startContainerRequest
            }
        }
        return requests
    }

    /// The passwords of the ApplicationMasters' tokens by identifier, from the credentials of their containers.
    func tokenPasswords() throws -> [[UInt8]: [UInt8]] {
        var passwords: [[UInt8]: [UInt8]] = [:]
        for request in try self.startRequests() {
            let credentials = try Credentials(bytes: Array(request.containerLaunchContext.tokens))
            for entry in credentials.tokens { passwords[entry.token.identifier] = entry.token.password }
        }
        return passwords
    }
}

extension Recording {
    /// The calls that the client made, decoded without regard to who made them.
    func calls() throws -> [ReceivedCall] {
        try self.frames(from: .client).compactMap { frame in
            var offset = 0
            let span = frame.span
            let header = try RequestHeader(span, at: try span.delimited(at: &offset, before: frame.count))
            guard header.callID >= 0 else { return nil }
            let signature = try CallSignature(span, at: try span.delimited(at: &offset, before: frame.count))
            let request = try span.delimited(at: &offset, before: frame.count)
            return ReceivedCall(
                callID: header.callID,
                clientID: Array(frame[header.clientID]),
                retryCount: header.retryCount,
                signature: signature,
                request: Array(frame[request]),
                callerContext: header.callerContext
            )
        }
    }
}
