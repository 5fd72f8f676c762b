import Foundation
import Node
import SystemPackage
import Testing

/// The dashboard, asked by programs: who is let in, and who is not.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct DashboardTests {
    /// With an instance that is served, and somebody who is signed in at it.
    private func visit(_ body: (Household, Instance, DashboardVisitor) async throws -> Void) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            var visitor = try await DashboardVisitor(at: archive)
            try await visitor.signIn()
            try await body(home, archive, visitor)
        }
    }

    @Test func `A link signs one browser in, once`() async throws {
        try await visit { _, _, signedIn in
            #expect(try await signedIn.get("/state.json").status == 200)
            var other = signedIn
            other.cookie = nil
            let secret = try await other.secret()
            let answer = try await other.post("/session", secret)
            #expect(answer.status == 204)
            let cookie = try #require(answer.header("set-cookie"))
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"))
            #expect(try await other.post("/session", secret).status == 403)
            #expect(try await other.post("/session", String(repeating: "0", count: 64)).status == 403)
            #expect(try await other.post("/session", "").status == 403)
        }
    }

    @Test func `Reading a link uses nothing up`() async throws {
        try await visit { _, _, visitor in
            let secret = try await visitor.secret()
            for _ in 0..<3 { #expect(try await visitor.get("/sign-in").status == 200) }
            #expect(try await visitor.post("/session", secret).status == 204)
        }
    }

    @Test func `Nothing is told to who is not signed in`() async throws {
        try await visit { _, _, signedIn in
            let forged = signedIn.cookie.map { String($0.dropLast(64)) + String(repeating: "a", count: 64) }
            let cookies: [String?] = [nil, "iom=x", forged]
            for cookie in cookies {
                var stranger = signedIn
                stranger.cookie = cookie
                for path in ["/state.json", "/events", "/metrics", "/actions/pin", "/nowhere"] {
                    let status = try await stranger.get(path).status
                    #expect(status == 401, "\(path)")
                }
                let page = try await stranger.get("/").body
                #expect(!page.contains("name=\"token\""))
            }
        }
    }

    @Test func `A name that is not the dashboard's is refused, whoever says it`() async throws {
        try await visit { _, _, visitor in
            for path in ["/", "/state.json", "/metrics", "/page.js"] {
                for host in ["evil.example", "evil.example:8766", "127.0.0.1", "127.0.0.1.evil.example:80"] {
                    #expect(try await visitor.get(path, "-H", "Host: \(host)").status == 421, "\(host)\(path)")
                }
            }
            #expect(try await visitor.ask([visitor.address + "/", "-H", "Host:"]).status >= 400)
            let port = try #require(visitor.address.split(separator: ":").last)
            #expect(try await visitor.get("/state.json", "-H", "Host: LOCALHOST:\(port)").status == 200)
        }
    }

    @Test func `A request that another page forged is refused`() async throws {
        try await visit { _, archive, visitor in
            let (wish, token) = ("{\"names\":[\"files\"]}", try await visitor.token())
            let path = "\(visitor.address)/actions/pin"
            let header = ["-H", "X-IoM-Token: \(token)"]
            let body = ["--data-binary", wish]
            for origin in [[], ["-H", "Origin: http://evil.example"], ["-H", "Origin: null"]] {
                #expect(try await visitor.ask([path] + body + header + origin).status == 403)
            }
            #expect(try await visitor.post("/actions/pin", wish).status == 403, "no token")
            let wrong = "X-IoM-Token: \(String(repeating: "0", count: 64))"
            #expect(try await visitor.post("/actions/pin", wish, "-H", wrong).status == 403)
            let site = ["-H", "Sec-Fetch-Site: cross-site"]
            let own = ["-H", "Origin: \(visitor.address)"]
            #expect(try await visitor.ask([path] + body + header + own + site).status == 403)
            #expect(try await visitor.ask([visitor.address + "/state.json"] + site).status == 403)
            #expect(try await archive.succeed("pin").output.isEmpty)
            #expect(try await visitor.act("pin", wish).body.contains("\"done\":true"))
            #expect(try await archive.succeed("pin").output.contains("files"))
        }
    }

    @Test func `A browser is told to load nothing from elsewhere`() async throws {
        try await visit { _, _, visitor in
            for path in ["/", "/sign-in", "/page.js", "/state.json", "/nowhere"] {
                let answer = try await visitor.get(path)
                let policy = try #require(answer.header("content-security-policy"))
                #expect(policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"))
                #expect(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"))
                #expect(answer.header("x-content-type-options") == "nosniff")
                #expect(answer.header("cache-control") == "no-store")
            }
            let page = try await visitor.get("/").body
            #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("style="))
        }
    }

    @Test func `A body that is too large is refused, and nothing suffers`() async throws {
        try await visit { home, _, visitor in
            try await home.sh("head -c 8000000 /dev/zero | tr '\\0' x > large").mustSucceed()
            let file = "@" + home.directory.appending("large").string
            #expect(try await visitor.post("/session", file).status == 413)
            let token = try await visitor.token()
            #expect(try await visitor.post("/actions/pin", file, "-H", "X-IoM-Token: \(token)").status == 413)
            let line = "X-Long: " + String(repeating: "x", count: 40_000)
            #expect(try await visitor.get("/state.json", "-H", line).status != 200)
            for wish in ["", "[]", "{\"names\":[]}", "{\"names\":\"files\"}", "{"] {
                #expect(try await visitor.act("pin", wish).status == 400, "\(wish)")
            }
            #expect(try await visitor.act("format", "{\"names\":[\"/\"]}").status == 404)
            #expect(try await visitor.get("/state.json").status == 200)
        }
    }

    @Test func `Who is signed in stays so over a restart, at the same address, until signing out`() async throws {
        try await visit { _, archive, visitor in
            try await archive.stop()
            try await archive.serve()
            try await eventually("it is back") { try await visitor.get("/state.json").status == 200 }
            #expect(try await DashboardVisitor(at: archive).address == visitor.address)
            let token = try await visitor.token()
            let answer = try await visitor.post("/sign-out", "", "-H", "X-IoM-Token: \(token)")
            #expect(answer.status == 204)
            #expect(try await visitor.get("/state.json").status == 401)
        }
    }

    @Test func `Prometheus reads with its token, or without where that is configured`() async throws {
        try await visit { _, archive, visitor in
            let lines = try await archive.succeed("dashboard", "--metrics").lines
            var prometheus = visitor
            prometheus.cookie = nil
            let answer = try await prometheus.get("/metrics", "-H", "Authorization: Bearer \(lines[1])")
            #expect(answer.status == 200)
            #expect(answer.header("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(answer.body.contains("# TYPE iom_"))
            #expect(try await prometheus.get("/metrics", "-H", "Authorization: Bearer \(lines[0])").status == 401)
            #expect(try await prometheus.get("/metrics").status == 401)
            #expect(try await prometheus.get("/state.json", "-H", "Authorization: Bearer \(lines[1])").status == 401)
            try await archive.stop()
            try archive.configure("dashboard", "open_metrics = true")
            try await archive.serve()
            try await eventually("it is open") { try await prometheus.get("/metrics").status == 200 }
            #expect(try await prometheus.get("/state.json").status == 401)
        }
    }

    @Test func `Names that others gave are text, wherever they are shown`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let title = "<img src=x onerror=alert(1)>"
            try archive.writeConversations([title], text: "</script><script>alert(2)</script>")
            try await archive.serve()
            var visitor = try await DashboardVisitor(at: archive)
            try await visitor.signIn()
            let answer = try await visitor.get("/state.json")
            #expect(answer.header("content-type") == "application/json")
            let state = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
            let shares = try #require(state?["shares"] as? [String: Any])
            let folders = (shares["conversations"] as? [[String: Any]])?.compactMap { $0["folder"] as? String }
            #expect(folders == [title])
            #expect(try await !visitor.get("/").body.contains("<img"))
        }
    }

    @Test func `So many pages are served at once, and one more is told why not`() async throws {
        try await visit { home, _, visitor in
            let cookie = "Cookie: \(try #require(visitor.cookie))"
            let arguments = ["-sN", "-H", cookie, "\(visitor.address)/events"]
            let pages = try (0..<8).map { _ in try home.start(Program(executable: "curl", arguments: arguments)) }
            try await eventually("all are served") { pages.allSatisfy { $0.outputSoFar.contains("event: state") } }
            #expect(try await visitor.get("/events").status == 503)
            for page in pages { await page.end() }
            try await eventually("there is room again", within: .seconds(40)) {
                let page = try home.start(
                    Program(executable: "curl", arguments: ["-sN", "--max-time", "1"] + arguments)
                )
                return await page.outcome(within: .seconds(5))?.output.contains("event: state") == true
            }
        }
    }

    @Test func `Where it is turned off, nobody listens, and the command says so`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.configure("dashboard", "enabled = false")
            try await archive.serve()
            let outcome = try await archive.iom("dashboard")
            #expect(outcome.exitCode == 1 && outcome.errors.contains("enabled"), "\(outcome.errors)")
            try await archive.stop()
            #expect(try await archive.iom("dashboard").errors.contains("iom serve"))
        }
    }

    @Test func `A port that is taken keeps nothing but the dashboard from working`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.configure("dashboard", "listen = \"127.0.0.1:\(archive.port)\"")
            try await archive.serve()
            try await eventually("it is told") {
                let outcome = try await archive.iom("dashboard")
                return outcome.exitCode == 1 && outcome.errors.contains("dashboard.listen")
            }
            #expect(try await archive.status().endpoint != nil)
        }
    }
}
