internal import EngineCore

/// What a driver and its ApplicationMaster in a container say to each other, in client mode.
enum MasterMethod {
    /// `MasterExchange` to EngineCore's `MasterOrders`.
    static let exchange = "exchangeWithMaster"
}

/// What the ApplicationMaster has to tell. The first of them says that it is there.
struct MasterExchange: Codable, Sendable {
    /// Of the application; the ApplicationMaster of a later one takes the place of the earlier.
    var attempt: Int
    var lost: [LostExecutor] = []
    var gaveUp: String?
    /// Whether the driver keeps the question until it has something to say.
    var waits: Bool
}

/// An executor's end in a form that travels.
struct LostExecutor: Codable, Sendable {
    enum Kind: Codable, Sendable {
        case trapped
        case crashed
        case ended
        case hostLost
    }

    var executor: Int
    var kind: Kind
    var tasks: [Int64] = []
    var message: String

    init(_ executor: ExecutorID, _ cause: ExecutorLossCause) {
        self.executor = executor.number
        self.message = cause.message
        switch cause {
        case .trapped(let tasks, _):
            self.kind = .trapped
            self.tasks = tasks.map(\.number)
        case .crashed: self.kind = .crashed
        case .ended: self.kind = .ended
        case .hostLost: self.kind = .hostLost
        }
    }

    var cause: ExecutorLossCause {
        switch self.kind {
        case .trapped: .trapped(self.tasks.map { TaskID($0) }, message: self.message)
        case .crashed: .crashed(message: self.message)
        case .ended: .ended(message: self.message)
        case .hostLost: .hostLost(message: self.message)
        }
    }
}
