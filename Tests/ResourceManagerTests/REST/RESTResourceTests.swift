import ClusterModel
import HadoopHTTP
import HadoopProtos
import NIOHTTP1
import ResourceManager
import ResourceManagerCore
import TestSupport
import Testing

@Suite struct RESTResourceTests {
    private static let json = [("Content-Type", "application/json")]

    @Test(
        arguments: [
            ("/apps/application_1234567890123_0001", "err_app_unknown.json", 404),
            ("/apps/foo", "err_app_bad_id.json", 400),
            ("/apps/application_12_x", "err_app_bad_id2.json", 400),
            ("/apps/application_1234567890123_0001/state", "err_state_unknown_app.json", 404),
            ("/apps/application_1234567890123_0001/appattempts", "err_attempts_unknown_app.json", 404),
            ("/nodes/nohost:1", "err_node_unknown.json", 404),
            ("/nodes/nohost", "err_node_bad_id.json", 400),
            ("/apps?states=BOGUS", "err_apps_bad_state.json", 400),
            ("/apps?limit=-1", "err_apps_bad_limit.json", 400),
            ("/apps?limit=x", "err_apps_limit_nan.json", 400),
            ("/apps?states=FAILED", "rm_apps_none.json", 200),
            ("/nodes?states=LOST", "rm_nodes_state_lost.json", 200),
            ("/get-node-labels", "rm_labels.json", 200),
            ("/get-node-to-labels", "rm_node_to_labels.json", 200),
        ]
    )
    func `errors and empty lists are Apache's, byte by byte`(path: String, golden: String, status: Int) async throws {
        try await WebFixture.with { web in
            let answer = try await web.call("GET", "/ws/v1/cluster\(path)")
            #expect(answer.status == status)
            #expect(answer.body == (try Golden.text(golden)))
            #expect(answer.headers["content-type"] == ["application/json;charset=utf-8"])
        }
    }

    @Test(arguments: [true, false])
    func `lists leave out what the caller may not view, where that is wanted`(isFiltered: Bool) async throws {
        let properties = [
            ("yarn.webapp.filter-entity-list-by-user", "\(isFiltered)"), ("yarn.acl.enable", "true"),
            ("yarn.admin.acl", "root"),
        ]
        try await WebFixture.with(showsOwn: true, properties: properties) { web in
            let id = try await web.manager.submit(as: "alice")
            func sees(_ user: String) async throws -> Bool {
                try await web.call("GET", "/ws/v1/cluster/apps?user.name=\(user)").body.contains("\(id)")
            }
            #expect(try await sees("alice"))
            #expect(try await sees("root"))
            #expect(try await sees("bob") == !isFiltered)
            var request = GetApplicationsRequestProto()
            request.scope = .all
            let listed: GetApplicationsResponseProto = try await web.manager.call("getApplications", request, as: "bob")
            #expect(listed.applications.isEmpty == isFiltered)
        }
    }

    @Test func `the port has the name, need of one and origins that core-site.xml says`() async throws {
        let properties = [
            ("hadoop.http.staticuser.user", "guest"), ("yarn.resourcemanager.webapp.cross-origin.enabled", "true"),
            ("hadoop.http.cross-origin.allowed-origins", "http://dash.example"),
        ]
        try await WebFixture.with(properties: properties) { web in
            let answer = try await web.call(
                "GET",
                "/ws/v1/cluster/userinfo",
                headers: [("Origin", "http://dash.example")]
            )
            #expect(answer.body.contains("\"requestedUser\":\"guest\""))
            #expect(answer.headers["access-control-allow-origin"] == ["http://dash.example"])
            let preflight = try await web.call(
                "OPTIONS",
                "/ws/v1/cluster/apps",
                headers: [("Origin", "http://dash.example"), ("Access-Control-Request-Method", "POST")]
            )
            #expect(preflight.status == 200)
            #expect(preflight.headers["access-control-allow-methods"] == ["GET,POST,HEAD"])
        }
        let anonymous = [("hadoop.http.authentication.simple.anonymous.allowed", "false")]
        try await WebFixture.with(properties: anonymous) { web in
            let nameless = try await web.call("GET", "/ws/v1/cluster/info")
            #expect(nameless.status == 401)
            let named = try await web.call("GET", "/ws/v1/cluster/info?user.name=ann")
            #expect(named.status == 200)
        }
    }

    @Test func `every address of the cluster is known, for reading and for writing`() async throws {
        try await WebFixture.with { web in
            let running = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            let attempt = GoldenCluster.attemptView(8, started: 1_795_444_937_552, finished: 0)
            let container = GoldenCluster.containerView(1, created: 1_795_444_937_552)
            web.snapshot.apply([.application(running), .attempt(attempt), .container(container)])
            let app = "/ws/v1/cluster/apps/\(running.id)"
            let containers = "\(app)/appattempts/\(attempt.id)/containers"
            for (path, name) in [
                ("/ws/v1/cluster", "clusterInfo"), ("/ws/v1/cluster/scheduler", "scheduler"),
                ("\(app)/appattempts/\(attempt.id)", "\(attempt.id)"), (containers, "\(container.id)"),
                ("\(containers)/\(container.id)", "\(container.id)"),
            ] {
                let answer = try await web.call("GET", path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.body.contains(name), "\(path): \(answer.body)")
            }
            for name in ["state", "priority", "timeout", "queue"] {
                let path = "\(app)/\(name)?user.name=root"
                let refused = try await web.call("PUT", path, headers: Self.json, body: "{\"other\":1}")
                #expect(refused.status == 400, "\(path): \(refused.body)")
            }
        }
    }

    @Test func `lists, states and statistics of the recorded cluster, by their addresses`() async throws {
        try await WebFixture.with { web in
            let running = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            web.snapshot.apply([
                .application(GoldenCluster.finished), .application(running), .node(GoldenCluster.nodeView),
                .metrics(GoldenCluster.metrics),
                .attempt(GoldenCluster.attemptView(8, started: 1_795_444_937_552, finished: 0)),
            ])
            let app = "/ws/v1/cluster/apps/\(running.id)"
            for (path, golden) in [
                ("\(app)/state", "rm_app_state_running.json"), ("\(app)/queue", "rm_app_queue.json"),
                ("\(app)/priority", "rm_app_priority.json"), ("\(app)/timeouts", "rm_app_timeouts.json"),
                ("\(app)/appattempts/", "rm_appattempts_running.json"),
                ("/ws/v1/cluster/nodes", "rm_nodes.json"), ("/ws/v1/cluster/nodes/localhost:45454", "rm_node.json"),
                ("/ws/v1/cluster/metrics", "rm_metrics.json"),
            ] {
                #expect(try await web.call("GET", path).body == (try Golden.text(golden)), "\(path)")
            }
            let statistics = try await web.call("GET", "/ws/v1/cluster/appstatistics")
            let all = try Golden.text("rm_appstatistics.json").replacing("7}", with: "1}")
            #expect(statistics.body == all)
            let filtered = try await web.call(
                "GET",
                "/ws/v1/cluster/appstatistics?states=running,finished&applicationTypes=SPARK"
            )
            let some = try Golden.text("rm_appstatistics_filtered.json").replacing("7}", with: "1}")
            #expect(filtered.body == some)
        }
    }

    @Test(
        arguments: [
            ("", 2), ("?states=running", 1), ("?states=FINISHED,FAILED", 1), ("?state=RUNNING", 1),
            ("?finalStatus=SUCCEEDED", 1), ("?user=root", 2), ("?user=alice", 0), ("?queue=default", 2),
            ("?queue=root.default", 2), ("?queue=other", 0), ("?limit=1", 1), ("?name=pi.py", 1),
            ("?applicationTypes=spark,mapreduce", 2), ("?applicationTypes=TEZ", 0), ("?applicationTags=a", 1),
            ("?startedTimeBegin=1795444900000", 1), ("?startedTimeEnd=1795444900000", 1),
            ("?finishedTimeBegin=1", 1),
        ]
    )
    func `every filter selects what it says`(query: String, count: Int) async throws {
        try await WebFixture.with { web in
            var tagged = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            tagged.tags = ["a", "b"]
            web.snapshot.apply([.application(GoldenCluster.finished), .application(tagged)])
            let answer = try await web.call("GET", "/ws/v1/cluster/apps\(query)")
            #expect(answer.status == 200)
            #expect(answer.body.split(separator: "\"id\":\"application_").count - 1 == count, "\(answer.body)")
        }
    }

    @Test func `every listed difference from Apache holds, and no other status of that list`() async throws {
        try await WebFixture.with { web in
            let running = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            web.snapshot.apply([.application(running)])
            for line in ApacheDeviation.all {
                var headers = line.body == nil ? [] : Self.json
                if let accept = line.accept { headers.append(("Accept", accept)) }
                let path = line.path.replacing("{app}", with: running.id.description)
                let answer = try await web.call(line.method, path, headers: headers, body: line.body)
                #expect(answer.status == line.status, "\(line.method) \(line.path)")
                #expect(answer.status != line.apacheStatus)
            }
            let xml = try await web.call(
                "GET",
                "/ws/v1/cluster/apps/application_1234567890123_0001",
                headers: [("Accept", "application/xml")]
            )
            #expect(xml.body.hasPrefix("<?xml") && xml.body.contains("<RemoteException><exception>NotFoundException"))
            #expect(try await web.call("DELETE", "/ws/v1/cluster/info").headers["allow"] == ["GET"])
        }
    }

    @Test func `writes are refused to strangers, other origins, other hosts and other body types`() async throws {
        try await WebFixture.with { web in
            let path = "/ws/v1/cluster/apps/new-application?user.name=alice"
            let named = try await web.call("POST", path)
            #expect(named.status == 200)
            #expect(try await web.call("POST", path, headers: [("Origin", "http://evil.example")]).status == 403)
            #expect(try await web.call("POST", path, headers: [("Host", "evil.example")]).status == 403)
            #expect(try await web.call("POST", path, headers: [("Host", "rm.example:8088")]).status == 200)
            for user in ["", "?user.name=dr.who", "?user.name=anonymous"] {
                #expect(try await web.call("POST", "/ws/v1/cluster/apps/new-application\(user)").status == 403)
            }
            #expect(try await web.call("POST", "/ws/v1/cluster/apps/new-application?user.name=../x").status == 400)
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            let submit = "/ws/v1/cluster/apps?user.name=alice"
            #expect(try await web.call("POST", submit, headers: form, body: "{}").status == 415)
            #expect(try await web.call("POST", submit, headers: Self.json, body: "{").status == 400)
            #expect(try await web.call("POST", submit, headers: Self.json, body: "{}").status == 400)
        }
    }

    @Test(arguments: [true, false])
    func `an application is submitted, seen and killed by REST alone`(isJSON: Bool) async throws {
        try await WebFixture.with(showsOwn: true) { web in
            let type = isJSON ? "application/json" : "application/xml"
            let headers = [("Content-Type", type), ("Accept", type)]
            let new = try await web.call(
                "POST",
                "/ws/v1/cluster/apps/new-application?user.name=alice",
                headers: [("Accept", type)]
            )
            let id = try #require(
                new.body.firstRange(of: "application_").map { range in
                    String(new.body[range.lowerBound...].prefix { $0 != "\"" && $0 != "<" })
                }
            )
            let body =
                isJSON
                ? #"{"application-id":"\#(id)","application-name":"rest","am-container-spec":{"commands":{"command":"#
                    + #""sleep 1"},"environment":{"entry":{"key":"A","value":"b"}}},"resource":{"memory":256,"vCores":1}}"#
                : "<application-submission-context><application-id>\(id)</application-id><application-name>rest"
                    + "</application-name><am-container-spec><commands><command>sleep 1</command></commands>"
                    + "</am-container-spec><resource><memory>256</memory><vCores>1</vCores></resource>"
                    + "</application-submission-context>"
            let submitted = try await web.call(
                "POST",
                "/ws/v1/cluster/apps?user.name=alice",
                headers: headers,
                body: body
            )
            #expect(submitted.status == 202, "\(submitted.body)")
            #expect(submitted.headers["location"].first?.hasSuffix("/ws/v1/cluster/apps/\(id)") == true)
            #expect(submitted.body.isEmpty)
            let seen = try await web.call("GET", "/ws/v1/cluster/apps/\(id)")
            #expect(seen.body.contains(#""user":"alice","name":"rest","queue":"default","state":"ACCEPTED""#))
            #expect(seen.body.contains(#""trackingUI":"UNASSIGNED","diagnostics""#))

            let kill = isJSON ? #"{"state":"KILLED"}"# : "<appstate><state>KILLED</state></appstate>"
            let state = "/ws/v1/cluster/apps/\(id)/state?user.name=alice"
            let wrong = try await web.call("PUT", state, headers: Self.json, body: #"{"state":"RUNNING"}"#)
            #expect(wrong.status == 400)
            #expect(wrong.body == (try Golden.text("err_state_put_bad.json")))
            let killed = try await web.call("PUT", state, headers: headers, body: kill)
            #expect([200, 202].contains(killed.status))
            let again = try await web.call("PUT", state, headers: headers, body: kill)
            #expect(again.status == 200)
            #expect(again.body.contains("KILLED"))
        }
    }

    @Test func `pages escape what applications say of themselves, and run nothing`() async throws {
        try await WebFixture.with { web in
            var view = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            view.name = "<script>alert(1)</script>"
            view.diagnostics = "\"><img src=x onerror=alert(2)>"
            web.snapshot.apply([.application(view), .node(GoldenCluster.nodeView)])
            for path in [
                "/cluster", "/cluster/app/\(view.id)", "/cluster/nodes", "/cluster/scheduler", "/cluster/cluster",
            ] {
                let page = try await web.call("GET", path)
                #expect(page.status == 200, "\(path)")
                #expect(!page.body.contains("<script") && !page.body.contains("<img"), "\(path)")
                #expect(page.headers["content-security-policy"].first?.hasPrefix("default-src 'none'") == true)
            }
            #expect(try await web.call("GET", "/").headers["location"] == ["/cluster"])
            let none = try await web.call("GET", "/nothing/%3Cb%3E")
            #expect(none.status == 404 && !none.body.contains("<b>"))
        }
    }

    @Test func `the way to a container's logs is shown to those who may view its application`() async throws {
        try await WebFixture.with { web in
            var settings = ResourceManagerSettings()
            settings.isAccessControlEnabled = true
            settings.adminAccessControl = "admin"
            var view = GoldenCluster.running(counted: (1, 1), now: GoldenCluster.started)
            view.viewAccessControl = "bob"
            let container = GoldenCluster.containerView(1, created: GoldenCluster.started)
            web.snapshot.apply([.settings(settings), .application(view), .container(container)])
            for (user, status) in [(view.user, 302), ("bob", 302), ("admin", 302), ("mallory", 403), ("dr.who", 403)] {
                let page = try await web.call("GET", "/cluster/container/\(container.id)?user.name=\(user)")
                #expect(page.status == status, "\(user)")
                #expect(page.headers["location"].isEmpty == (status == 403))
            }
        }
    }

    @Test func `monitors find their beans`() async throws {
        try await WebFixture.with { web in
            web.snapshot.apply(
                GoldenCluster.queues(isBusy: true).map { .queue($0) } + [.metrics(GoldenCluster.metrics)]
            )
            let all = try await web.call("GET", "/jmx").body
            #expect(all.contains(#"{"name":"Hadoop:service=ResourceManager,name=ClusterMetrics""#))
            #expect(all.contains(#""name":"Hadoop:service=ResourceManager,name=QueueMetrics,q0=root,q1=default""#))
            let one = try await web.call("GET", "/jmx?qry=Hadoop:service=ResourceManager,name=ClusterMetrics").body
            #expect(one.contains("NumActiveNMs") && !one.contains("QueueMetrics"))
        }
    }
}
