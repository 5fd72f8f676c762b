import Foundation
import HTTPTypes
import Hummingbird
import Mustache
import Node
import Objects

/// What is at which path.
struct Pages: Sendable {
    /// A secret, or a few paths.
    static let bodyByteCountMax = 64 << 10

    let node: Node
    let feed: LiveFeed

    func router(gate: Gate) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.addMiddleware { gate }
        router.get("/") { request, _ in try page(for: Gate.session(of: request, node.browserDoor)) }
        router.get("/sign-in") { _, _ in try signIn() }
        router.post("/session") { request, _ in try await enter(request) }
        router.post("/sign-out") { request, _ in leave(request) }
        router.get("/state.json") { _, _ in Response.bytes(try await feed.stateBytes(), type: "application/json") }
        router.get("/events") { request, _ in try await events(request) }
        router.get("/metrics") { _, _ in try metrics() }
        router.post("/actions/:name") { request, context in
            try await Action.response(to: request, named: context.parameters.get("name") ?? "", on: node, feed)
        }
        router.get("/:file") { request, _ in
            guard let asset = Asset.named(request.uri.path) else { throw HTTPError(.notFound) }
            return Response.bytes(asset.bytes, type: asset.type)
        }
        return router
    }

    private func page(for session: String?) throws -> Response {
        guard let session else { return try signIn() }
        let template = try MustacheTemplate(string: String(decoding: PackageResources.page_mustache, as: UTF8.self))
        let name = node.configuration.instance.name
        return .text(template.render(["name": name, "token": Gate.token(for: session)]), type: Asset.html)
    }

    private func signIn() throws -> Response {
        let template = try MustacheTemplate(string: String(decoding: PackageResources.sign_in_mustache, as: UTF8.self))
        return .text(template.render(["name": node.configuration.instance.name]), type: Asset.html)
    }

    private func enter(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyByteCountMax)
        guard let host = request.head.authority,
            let session = node.browserDoor.enter(with: String(buffer: body))
        else { return .refused(.forbidden, "this link was used or is too old: `iom dashboard` prints a new one") }
        let seconds = BrowserDoor.sessionLifetime.components.seconds
        let cookie = "\(Gate.cookieName(host))=\(session); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict"
        return Response(status: .noContent, headers: [.setCookie: cookie])
    }

    private func leave(_ request: Request) -> Response {
        guard let host = request.head.authority, let session = Gate.session(of: request, node.browserDoor) else {
            return .unauthorized(nil)
        }
        node.browserDoor.leave(session)
        let cookie = "\(Gate.cookieName(host))=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
        return Response(status: .noContent, headers: [.setCookie: cookie])
    }

    private func events(_ request: Request) async throws -> Response {
        guard let session = Gate.session(of: request, node.browserDoor) else { return .unauthorized(nil) }
        return try await feed.response { [door = node.browserDoor] in door.isSignedIn(session) }
    }

    private func metrics() throws -> Response {
        .text(try node.recentSnapshot().metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
    }
}
