import ClusterModel
import SchedulerCore
import Testing

@testable import ResourceManagerCore

private let start = Timestamp(milliseconds: 1_700_000_000_000)
private let day: Int64 = 86_400_000

private func token(_ number: Int32 = 1, renewer: String = "rm", lifetime: Int64 = 7 * day) -> RenewableToken {
    RenewableToken(
        service: "10.0.0.1:9870",
        renewer: renewer,
        owner: "ann",
        number: number,
        maximumDate: start.adding(milliseconds: lifetime),
        text: "secret \(number)"
    )
}

private func application(_ number: Int32) -> ApplicationID {
    ApplicationID(clusterTimestamp: 1, number: number)
}

@Suite final class `Renewals of tokens` {
    private var renewals = TokenRenewals(cancellationDelay: .seconds(30))
    private var now = start

    private func pass(_ milliseconds: Int64) -> [TokenRenewals.Output] {
        let end = self.now.adding(milliseconds: milliseconds)
        while let deadline = self.renewals.nextDeadline, deadline <= end {
            self.now = max(self.now, deadline)
            self.renewals.passTime(at: self.now)
        }
        self.now = end
        return self.renewals.takeOutputs()
    }

    private func hold(
        _ tokens: [RenewableToken],
        _ number: Int32 = 1,
        isCancelled: Bool = true,
        waits: Bool = true
    ) -> Bool {
        self.renewals.hold(tokens, of: application(number), isCancelled: isCancelled, waits: waits, at: self.now)
    }

    private func renewed(_ token: RenewableToken, for milliseconds: Int64) -> [TokenRenewals.Output] {
        self.renewals.renewed(token, until: self.now.adding(milliseconds: milliseconds), at: self.now)
        return self.renewals.takeOutputs()
    }

    private func failed(_ token: RenewableToken, mayPass: Bool) -> [TokenRenewals.Output] {
        self.renewals.failed(token, "no", mayPass: mayPass, at: self.now)
        return self.renewals.takeOutputs()
    }

    private func release(_ number: Int32 = 1, cancels: Bool = true) -> [TokenRenewals.Output] {
        self.renewals.release(application(number), cancels: cancels, at: self.now)
        return self.renewals.takeOutputs()
    }

    @Test func `a token is renewed at once and whenever nine tenths of its time are over`() {
        #expect(self.hold([token()]))
        #expect(self.pass(0) == [.renew(token())])
        #expect(self.renewed(token(), for: day) == [.ready(application(1))])
        #expect(self.pass(day / 10 * 9 - 1) == [])
        #expect(self.pass(1) == [.renew(token())])
        #expect(self.renewed(token(), for: day) == [])
        #expect(self.pass(day / 10 * 9) == [.renew(token())])
    }

    @Test func `an application waits for the last of its tokens`() {
        #expect(self.hold([token(1), token(2), token(1)]))
        #expect(self.pass(0) == [.renew(token(1)), .renew(token(2))])
        #expect(self.renewed(token(2), for: day) == [])
        #expect(self.renewed(token(1), for: day) == [.ready(application(1))])
    }

    @Test func `a refusal refuses the application and names the server and the reason`() throws {
        _ = self.hold([token()])
        _ = self.pass(0)
        let outputs = self.failed(token(), mayPass: false)
        guard case .refused(application(1), let reason) = try #require(outputs.first) else {
            Issue.record("\(outputs)")
            return
        }
        #expect(reason == "Failed to renew the WEBHDFS delegation token 1 of ann for 10.0.0.1:9870: no")
        #expect(!reason.contains("secret"))
        #expect(self.release() == [] && self.pass(10 * day) == [])
        #expect(self.renewals.nextDeadline == nil)
    }

    @Test func `a server that does not answer is tried four times before a submission fails`() {
        _ = self.hold([token()])
        _ = self.pass(0)
        for pause: Int64 in [1000, 2000, 4000] {
            #expect(self.failed(token(), mayPass: true) == [])
            #expect(self.pass(pause - 1) == [])
            #expect(self.pass(1) == [.renew(token())])
        }
        #expect(self.failed(token(), mayPass: true).count == 1)
        #expect(self.pass(10 * day) == [])
    }

    @Test func `a server that comes back in time admits the application`() {
        _ = self.hold([token()])
        _ = self.failed(token(), mayPass: true)
        _ = self.pass(1000)
        #expect(self.renewed(token(), for: day) == [.ready(application(1))])
    }

    @Test(arguments: [true, false])
    func `a renewal that fails later is tried again, with growing pauses, until the token ends`(mayPass: Bool) {
        _ = self.hold([token()])
        _ = self.renewed(token(), for: day)
        var attempts = 0
        var outputs = self.pass(day / 10 * 9)
        var pauses: [Int64] = []
        var last = self.now
        while outputs == [.renew(token())], self.now < start.adding(milliseconds: day) {
            attempts += 1
            #expect(self.failed(token(), mayPass: mayPass) == [])
            guard let next = self.renewals.nextDeadline else { break }
            outputs = self.pass(next.milliseconds(since: self.now))
            pauses.append(self.now.milliseconds(since: last))
            last = self.now
        }
        #expect(pauses.prefix(8) == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
        #expect(self.now == start.adding(milliseconds: day))
        #expect(
            outputs == [
                .ended(
                    application(1),
                    reason: "The WEBHDFS delegation token 1 of ann for 10.0.0.1:9870 ended on "
                        + "\(self.now.calendarText), since it could not be renewed in time. What the application asks "
                        + "of that server with it is refused from now on."
                )
            ]
        )
        #expect(attempts > 100)
        #expect(self.pass(10 * day) == [])
        #expect(self.release() == [] && self.pass(day) == [])
    }

    @Test func `a token at its maximum lifetime is renewed no more and told of when it ends`() throws {
        let short = token(lifetime: day)
        _ = self.hold([short])
        _ = self.pass(0)
        #expect(self.renewed(short, for: day) == [.ready(application(1))])
        #expect(self.pass(day - 1) == [])
        let outputs = self.pass(1)
        guard outputs.count == 1, case .ended(application(1), let reason) = outputs[0] else {
            Issue.record("\(outputs)")
            return
        }
        #expect(reason.contains("has reached its maximum lifetime on \(start.adding(milliseconds: day).calendarText)"))
        #expect(self.release() == [] && self.pass(day) == [])
    }

    @Test func `a server that gives no time is not asked all the time`() {
        _ = self.hold([token()])
        _ = self.pass(0)
        _ = self.renewed(token(), for: 1200)
        #expect(self.pass(1079) == [])
        #expect(self.pass(1) == [.renew(token())])
        _ = self.renewed(token(), for: 1001)
        #expect(self.pass(999) == [] && self.pass(1) == [.renew(token())])
        #expect(self.failed(token(), mayPass: false) == [])
        #expect(self.pass(1).count == 1)
    }

    @Test func `an answer in the past is a refusal, and one without end harms nothing`() {
        _ = self.hold([token()])
        #expect(self.renewed(token(), for: 0).count == 1 + 1)
        var endless = token(2)
        endless.maximumDate = .distantFuture
        _ = self.hold([endless], 2)
        self.renewals.renewed(endless, until: .distantFuture, at: self.now)
        #expect(self.pass(1000 * day).contains(.ready(application(2))))
    }

    // MARK: Ends

    @Test func `a token is cancelled some time after its last application has let go of it`() {
        _ = self.hold([token()])
        _ = self.renewed(token(), for: day)
        #expect(!self.hold([token()], 2))
        #expect(self.renewals.takeOutputs() == [])
        #expect(self.release(1) == [] && self.pass(60_000) == [])
        #expect(self.release(2) == [] && self.pass(29_999) == [])
        #expect(self.pass(1) == [.cancel(token())])
        #expect(self.renewals.nextDeadline == nil)
    }

    @Test func `an application that comes in between keeps it`() {
        _ = self.hold([token()])
        _ = self.renewed(token(), for: day)
        _ = self.release(1)
        _ = self.pass(10_000)
        #expect(!self.hold([token()], 2))
        #expect(self.pass(60_000) == [])
        _ = self.release(2)
        #expect(self.pass(30_000) == [.cancel(token())])
    }

    @Test(arguments: [(false, true, true), (true, false, true), (true, true, false)])
    func `one that wants it kept is enough`(first: Bool, second: Bool, third: Bool) {
        _ = self.hold([token()], 1, isCancelled: first)
        _ = self.renewed(token(), for: day)
        _ = self.hold([token()], 2, isCancelled: second)
        _ = self.release(2)
        _ = self.release(1, cancels: third)
        #expect(self.pass(10 * day) == [])
        #expect(self.renewals.nextDeadline == nil)
    }

    @Test func `answers for what is forgotten change nothing`() {
        #expect(self.renewed(token(), for: day) == [] && self.failed(token(), mayPass: false) == [])
        #expect(self.renewals.nextDeadline == nil)
    }

    // MARK: Restarts

    @Test func `a restart renews at once and holds nobody up`() {
        #expect(!self.hold([token()], waits: false))
        #expect(self.pass(0) == [.renew(token())])
        #expect(self.failed(token(), mayPass: true) == [])
        #expect(self.pass(1000) == [.renew(token())])
        #expect(self.renewed(token(), for: day) == [])
        #expect(self.pass(day / 10 * 9) == [.renew(token())])
    }

    @Test func `a refusal after a restart is told of`() throws {
        _ = self.hold([token()], waits: false)
        _ = self.pass(0)
        let outputs = self.failed(token(), mayPass: false)
        guard outputs.count == 1, case .ended(application(1), let reason) = outputs[0] else {
            Issue.record("\(outputs)")
            return
        }
        #expect(reason.contains("could not be renewed: no"))
    }
}

@Suite struct `Tokens of applications` {
    private static func cluster(logs: Bool = false) -> Cluster {
        Cluster(
            Cluster.settings {
                $0.tokenRenewers = ["rm"]
                $0.isLogAggregationEnabled = logs
            }
        )
    }

    private static func renewed(_ cluster: inout Cluster, for milliseconds: Int64 = day) {
        cluster.step(.tokenRenewed(token(), expiresAt: cluster.now.adding(milliseconds: milliseconds)))
    }

    /// A registered ApplicationMaster whose application has the token.
    private static func run(_ cluster: inout Cluster, for milliseconds: Int64 = day) {
        cluster.submit { $0.webTokens = [token()] }
        Self.renewed(&cluster, for: milliseconds)
        cluster.launch(cluster.attempt())
        cluster.registerMaster(cluster.attempt())
    }

    @Test func `an application is accepted when its token has been renewed`() {
        var cluster = Self.cluster()
        cluster.submit { $0.webTokens = [token()] }
        #expect(cluster.seen.applications[cluster.application()]?.state == .submitted)
        #expect(cluster.seen.metrics.applicationsPending == 1)
        #expect(cluster.actions == [.renewToken(token())])
        Self.renewed(&cluster)
        #expect(cluster.seen.applications[cluster.application()]?.state == .accepted)
        #expect(cluster.seen.attempts[cluster.attempt()]?.masterContainer != nil)
    }

    @Test func `a token that cannot be renewed fails the submission`() {
        var cluster = Self.cluster()
        cluster.submit { $0.webTokens = [token()] }
        cluster.step(.tokenRenewalFailed(token(), reason: "401 Unauthorized", mayPass: false))
        let view = cluster.seen.applications[cluster.application()]
        #expect(view?.state == .failed)
        #expect(
            view?.diagnostics
                == "Failed to renew the WEBHDFS delegation token 1 of ann for 10.0.0.1:9870: 401 Unauthorized"
        )
        #expect(cluster.store.applications[cluster.application()]?.finalState == .failed)
        #expect(cluster.seen.attempts.isEmpty)
    }

    @Test func `tokens with another renewer hold nothing up`() {
        var cluster = Self.cluster()
        cluster.submit { $0.webTokens = [token(renewer: "somebody"), token(renewer: "")] }
        #expect(cluster.seen.applications[cluster.application()]?.state == .accepted)
        #expect(!cluster.actions.contains { if case .renewToken = $0 { true } else { false } })
    }

    @Test func `an application that waits for its token can be killed`() {
        var cluster = Self.cluster()
        cluster.submit { $0.webTokens = [token()] }
        _ = cluster.kill(cluster.application())
        #expect(cluster.seen.applications[cluster.application()]?.state == .killed)
        Self.renewed(&cluster)
        #expect(cluster.seen.applications[cluster.application()]?.state == .killed)
        #expect(cluster.seen.attempts.isEmpty)
    }

    @Test func `it is renewed while the application runs and cancelled after its end`() {
        var cluster = Self.cluster()
        Self.run(&cluster)
        cluster.actions = []
        cluster.pass(milliseconds: 899_999)
        _ = cluster.kill(cluster.application())
        #expect(!cluster.actions.contains(.cancelToken(token())))
        cluster.pass(milliseconds: 30_000)
        #expect(cluster.actions.contains(.cancelToken(token())))
    }

    @Test func `a client that wants its token kept keeps it`() {
        var cluster = Self.cluster()
        cluster.submit {
            $0.webTokens = [token()]
            $0.cancelsTokens = false
        }
        Self.renewed(&cluster)
        _ = cluster.kill(cluster.application())
        cluster.pass(milliseconds: 60_000)
        #expect(!cluster.actions.contains(.cancelToken(token())))
    }

    @Test func `the end of a token stands in the diagnostics, and stays there`() {
        var cluster = Self.cluster()
        Self.run(&cluster, for: 2000)
        cluster.pass(milliseconds: 1800)
        #expect(cluster.actions.contains(.renewToken(token())))
        cluster.step(.tokenRenewalFailed(token(), reason: "no", mayPass: false))
        cluster.pass(milliseconds: 200)
        let text = "The WEBHDFS delegation token 1 of ann for 10.0.0.1:9870 ended on "
        #expect(cluster.seen.applications[cluster.application()]?.diagnostics.hasPrefix(text) == true)
        _ = cluster.finishMaster(cluster.attempt())
        cluster.beat(0)
        #expect(cluster.seen.applications[cluster.application()]?.diagnostics.hasPrefix("bye\n\(text)") == true)
        if let master = cluster.seen.attempts[cluster.attempt()]?.masterContainer {
            cluster.beat(0, ended: [(master, 0)])
        }
        #expect(cluster.store.applications[cluster.application()]?.diagnostics.hasPrefix("bye\n\(text)") == true)
    }

    // MARK: Logs

    private static func end(_ cluster: inout Cluster) {
        Self.run(&cluster)
        cluster.beat(0)
        _ = cluster.kill(cluster.application())
        cluster.pass(milliseconds: 60_000)
        #expect(!cluster.actions.contains(.cancelToken(token())))
    }

    @Test(arguments: [LogAggregationStatus.succeeded, .failed])
    func `a token is not cancelled before the logs are up`(status: LogAggregationStatus) {
        var cluster = Self.cluster(logs: true)
        Self.end(&cluster)
        cluster.beat(0, logs: [Core.LogAggregationReport(application: cluster.application(), status: status)])
        cluster.pass(milliseconds: 30_000)
        #expect(cluster.actions.contains(.cancelToken(token())))
    }

    @Test func `a node that stays silent may come back with the token`() {
        var cluster = Self.cluster(logs: true)
        Self.end(&cluster)
        cluster.pass(milliseconds: 2_000_000)
        #expect(!cluster.actions.contains(.cancelToken(token())))
    }

    // MARK: Restarts

    @Test func `a restart goes on renewing from the stored submission`() {
        var cluster = Self.cluster()
        Self.run(&cluster)
        let id = cluster.application()
        cluster.restart()
        #expect(cluster.seen.applications[id]?.state == .accepted)
        #expect(cluster.store.applications[id]?.submission.webTokens == [token()])
        cluster.pass(milliseconds: 0)
        cluster.step(.tokenRenewalFailed(token(), reason: "not yet", mayPass: true))
        cluster.pass(milliseconds: 1000)
        #expect(cluster.actions.contains(.renewToken(token())))
        #expect(cluster.seen.applications[id]?.diagnostics.contains("token") == false)
    }

    @Test func `a restart right after the end cancels too`() {
        var cluster = Self.cluster()
        Self.run(&cluster)
        _ = cluster.kill(cluster.application())
        cluster.restart()
        cluster.pass(milliseconds: 30_000)
        #expect(cluster.actions.contains(.cancelToken(token())))
        cluster.restart()
        cluster.pass(milliseconds: 60_000)
        #expect(!cluster.actions.contains(.cancelToken(token())))
    }
}
