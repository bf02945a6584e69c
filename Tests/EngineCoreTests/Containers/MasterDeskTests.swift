import EngineCore
import Testing

@Suite struct MasterDeskTests {
    private static func orders(wanted: Int? = nil, removed: [Int] = []) -> MasterOrders {
        var orders = MasterOrders()
        (orders.wanted, orders.removed) = (wanted, removed)
        return orders
    }

    @Test func `orders gather until they are taken, and the last number that is wanted counts`() {
        var desk = MasterDesk()
        #expect(!desk.isAttended && !desk.hasOrders)
        desk.request(2)
        desk.request(3)
        desk.remove(ExecutorID(1))
        #expect(desk.receive(attempt: 1) == .current)
        #expect(desk.isAttended && desk.hasOrders)
        #expect(desk.take() == Self.orders(wanted: 3, removed: [1]))
        #expect(!desk.hasOrders && desk.take().isEmpty)
        #expect(desk.receive(attempt: 1) == .current)
    }

    @Test func `a successor is told what is wanted, and nothing of executors that it never had`() {
        var desk = MasterDesk()
        desk.request(4)
        #expect(desk.receive(attempt: 1) == .current)
        #expect(desk.take().wanted == 4)
        desk.remove(ExecutorID(2))
        #expect(desk.receive(attempt: 2) == .successor(firstExecutor: ContainerBook<Int>.firstExecutor(of: 2)))
        #expect(desk.take() == Self.orders(wanted: 4))
        #expect(desk.receive(attempt: 2) == .current)
    }

    @Test func `one whose place another has taken is told to stop, and takes no orders`() {
        var desk = MasterDesk()
        #expect(desk.receive(attempt: 2) == .current)
        desk.request(1)
        #expect(desk.receive(attempt: 1) == .outdated(MasterDesk.end(of: 1)))
        #expect(MasterDesk.end(of: 1).stops)
        #expect(MasterDesk.end(of: 1).failure?.contains("attempt 1") == true)
        #expect(desk.take().wanted == 1)
    }

    @Test func `the end is told with its reason`() {
        var desk = MasterDesk()
        desk.stop(failure: "why")
        let orders = desk.take()
        #expect(orders.stops && orders.failure == "why" && !orders.isEmpty)
    }
}
