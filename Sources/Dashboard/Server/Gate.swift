import HTTPTypes
import Hummingbird
import Node
import Objects

/// Looks at every request before anybody answers it: who asks, from which page, and by which name.
struct Gate: RouterMiddleware {
    typealias Context = BasicRequestContext

    /// What a path is for.
    private enum Access {
        /// Anybody: it says nothing.
        case open
        /// Who is signed in, or nobody: the page tells how to sign in.
        case page
        /// Who is signed in.
        case session
        /// Programs with the token for metrics.
        case metrics
    }

    static let tokenHeader = HTTPField.Name("X-IoM-Token")
    private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")

    let door: BrowserDoor
    let areMetricsOpen: Bool
    /// nil: not bound yet.
    let names: @Sendable () -> HostNames?

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let refusal = refusal(of: request) { return refusal.hardened() }
        do {
            return try await next(request, context).hardened()
        } catch let error as HTTPError where error.status == .notFound {
            return Response.refused(.notFound, "there is no such page").hardened()
        } catch let error as any HTTPResponseError {
            return Response.refused(error.status, "the request cannot be read").hardened()
        } catch {
            let words = CommandError(explaining: error)
            return Response.refused(.internalServerError, words.message).hardened()
        }
    }

    private func refusal(of request: Request) -> Response? {
        guard let host = request.head.authority, let names = names(), names.has(host) else {
            let words = "this address is not one of the dashboard's: use the link of `iom dashboard`"
            return .refused(.misdirectedRequest, words)
        }
        let isChange = request.method != .get && request.method != .head
        // A navigation to the page itself may come from anywhere; nothing else may.
        if let site = Self.fetchSite.flatMap({ request.headers[$0] }), site != "same-origin", site != "none",
            isChange || request.uri.path != "/" && request.uri.path != "/sign-in"
        {
            return .refused(.forbidden, "another site asked for it")
        }
        if isChange, request.headers[.origin]?.lowercased() != "http://\(host.lowercased())" {
            return .refused(.forbidden, "another site asked for it")
        }
        switch access(to: request.uri.path) {
        case .open, .page: return nil
        case .metrics: return mayReadMetrics(request) ? nil : .unauthorized("Bearer")
        case .session:
            guard let secret = Self.session(of: request, door) else { return .unauthorized(nil) }
            guard isChange else { return nil }
            let token = Self.tokenHeader.flatMap { request.headers[$0] } ?? ""
            guard BrowserDoor.areEqual(token.utf8, Self.token(for: secret).utf8) else {
                return .refused(.forbidden, "the page is too old: load it again")
            }
            return nil
        }
    }

    private func access(to path: String) -> Access {
        switch path {
        case "/": .page
        case "/sign-in", "/session", "/favicon.svg": .open
        case "/metrics": .metrics
        case _ where Asset.named(path) != nil: .open
        default: .session
        }
    }

    /// The secret of the session a browser is in; nil: it is in none.
    static func session(of request: Request, _ door: BrowserDoor) -> String? {
        guard let host = request.head.authority else { return nil }
        let name = cookieName(host)
        for line in request.headers[values: .cookie] {
            for pair in line.split(separator: ";") {
                let parts = pair.trimmingPrefix { $0 == " " }.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0] == name else { continue }
                let secret = String(parts[1])
                if door.isSignedIn(secret) { return secret }
            }
        }
        return nil
    }

    /// Ports of one computer share their cookies.
    static func cookieName(_ host: String) -> String {
        "iom" + (host.lastIndex(of: ":").map { "-" + host[host.index(after: $0)...] } ?? "")
    }

    /// What a page of this session shows with every change it asks for; nobody can work the session out from it.
    static func token(for session: String) -> String { ObjectHash(of: Array("page \(session)".utf8)).hex }

    private func mayReadMetrics(_ request: Request) -> Bool {
        if areMetricsOpen { return true }
        guard let field = request.headers[.authorization], field.hasPrefix("Bearer ") else {
            return Self.session(of: request, door) != nil
        }
        return BrowserDoor.areEqual(field.dropFirst("Bearer ".count).utf8, door.metricsToken.utf8)
    }
}
