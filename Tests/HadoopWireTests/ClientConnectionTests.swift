import Testing

@testable import HadoopWire

/// The client's machine against servers that break the protocol.
struct ClientConnectionTests {
    private func machine() -> ClientConnection {
        ClientConnection(
            protocolName: "P",
            identity: .simple(user: "alice", realUser: nil),
            clientID: [],
            cnonce: "c",
            responseLengthMaximum: 1000
        )
    }

    private func frame(_ header: ResponseHeader, message: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        header.appendFrame(message: message, to: &bytes)
        return bytes
    }

    private let failure = ResponseHeader.Failure(detail: .application, exceptionClass: "C", message: "m")

    @Test func `answers and errors come out in order, however they arrive`() {
        let first = ResponseHeader(callID: 5, status: .success, clientID: [], retryCount: 0)
        let second = ResponseHeader(callID: 4, status: .error(self.failure), clientID: [], retryCount: 0)
        let bytes = self.frame(first, message: [1, 2]) + self.frame(second)
        let actions = Deliveries.client { self.machine() }.check(bytes)
        #expect(
            actions == [
                .response(ReceivedResponse(header: first, message: [1, 2])),
                .response(ReceivedResponse(header: second, message: [])),
            ]
        )
    }

    @Test func `a fatal answer ends the connection, whatever call it names`() {
        for callID in [3, CallID.connectionFailed, CallID.sasl] {
            let header = ResponseHeader(callID: callID, status: .fatal(self.failure), clientID: [], retryCount: 0)
            var machine = self.machine()
            #expect(drive(&machine, self.frame(header) + self.frame(header)) == [.refused(self.failure)])
        }
    }

    @Test func `what is not the protocol ends the connection`() {
        let trailing: [UInt8] = [0, 0, 0, 8, 4, 0x08, 1, 0x10, 0, 0, 9, 9]
        let wrapped = self.frame(ResponseHeader(connection: CallID.sasl), message: [0x10, 5])
        for bytes in [trailing, wrapped, [0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2, 1, 0xFF], Array("HTTP/1.1".utf8)] {
            var machine = self.machine()
            let actions = drive(&machine, bytes)
            guard actions.count == 1, case .fail = actions[0] else {
                Issue.record("\(bytes) gave \(actions)")
                continue
            }
        }
    }
}
