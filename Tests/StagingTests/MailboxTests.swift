import ClusterModel
import Dispatch
import Testing

@testable import Staging

@Suite struct MailboxTests {
    @Test func `messages come in their order, those that wake nobody with the next that does`() {
        let box = Mailbox<Int>()
        box.put(1, wakes: false)
        box.put(2)
        #expect(box.take(within: .seconds(60)) == 1)
        #expect(box.take(within: .seconds(60)) == 2)
        // The second's signal is still there, and stands for nothing.
        #expect(box.take(within: .milliseconds(1)) == nil)
        box.put(3, wakes: false)
        #expect(box.take(within: .zero) == 3)
        #expect(box.take(within: .zero) == nil)
    }

    @Test func `who waits is woken by the first message that is to wake it`() {
        let box = Mailbox<Int>()
        DispatchQueue.global().async {
            box.put(1, wakes: false)
            box.put(2)
        }
        #expect(box.take(within: .seconds(60)) == 1)
        #expect(box.take(within: .seconds(60)) == 2)
    }
}
