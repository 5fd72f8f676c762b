package import Objects

/// Runs connections over transports: handshake, encryption, keepalive, and then the group; for both sides.
package struct Peering: Sendable {
    /// From the first message until it is known who the other side is.
    package static let handshakeTimeMax = Duration.seconds(10)

    /// The key of this instance.
    package let identity: BoxKeyPair
    package let timekeeper: any Timekeeper
    package let random: any RandomSource

    package init(identity: BoxKeyPair, timekeeper: any Timekeeper, random: any RandomSource) {
        (self.identity, self.timekeeper, self.random) = (identity, timekeeper, random)
    }

    /// Runs the side that dialled until the connection ends; returns if this side closed it.
    package func dial(_ transport: any Transport, target: [UInt8], group: any ConnectionGroup) async throws(PeerError) {
        let authentication = Authentication {}
        try await limited(transport, authentication) { () async throws(PeerError) in
            var handshake = try InitiatorHandshake(
                identity: identity,
                target: target,
                group: group.name,
                random: random
            )
            var iterator = transport.messages()
            var step = handshake.start()
            try await sendClear(step, transport)
            while step.keys == nil {
                step = try handshake.receive(try await nextClear(&iterator), random: random)
                try await sendClear(step, transport)
            }
            guard let keys = step.keys else { return }
            let connection = connection(transport, keys, target, isInitiator: true, authentication)
            var incoming = connection.incoming(iterator)
            try await running(connection) { () async throws(PeerError) in
                if let message = step.sealed { try await connection.send(message) }
                _ = try handshake.receive(try await incoming.next(), random: random)
                try await group.run(connection, &incoming)
            }
        }
    }

    /// Runs the side that was dialled until the connection ends; returns if this side closed it.
    ///
    /// `messages` are those of the transport, if some were read before the dial, as with a relay.
    package func accept(
        _ transport: any Transport,
        messages: (any AsyncIteratorProtocol<WireMessage, any Error>)? = nil,
        groups: [any ConnectionGroup],
        onAuthenticated: @escaping @Sendable () -> Void = {}
    ) async throws(PeerError) {
        let authentication = Authentication(onSuccess: onAuthenticated)
        try await limited(transport, authentication) { () async throws(PeerError) in
            var handshake = AcceptorHandshake(identity: identity, groups: Set(groups.map(\.name)), random: random)
            var iterator = messages ?? transport.messages()
            var step = HandshakeStep()
            while step.keys == nil {
                step = try handshake.receive(try await nextClear(&iterator), random: random)
                try await sendClear(step, transport)
                if let reason = step.refusal { throw .refused(reason) }
            }
            guard let keys = step.keys else { return }
            let connection = connection(
                transport,
                keys,
                handshake.remoteKey,
                isInitiator: false,
                isRelayed: messages != nil,
                authentication
            )
            var incoming = connection.incoming(iterator)
            try await running(connection) { () async throws(PeerError) in
                step = try handshake.receive(try await incoming.next(), random: random)
                guard let group = groups.first(where: { $0.name == step.group }) else { return }
                if let message = step.sealed { try await connection.send(message) }
                try await group.run(connection, &incoming)
            }
        }
    }
}

extension Peering {
    /// Runs a connection with the limits of a stranger: closes it if it is not authenticated in time.
    ///
    /// However the body ends, and when the task is cancelled, the transport is closed with the reason.
    private func limited(
        _ transport: any Transport,
        _ authentication: Authentication,
        body: () async throws(PeerError) -> Void
    ) async throws(PeerError) {
        let late = OneShot<PeerError>()
        let outcome = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { tasks -> Result<Void, PeerError> in
                tasks.addTask {
                    guard (try? await timekeeper.sleep(for: Self.handshakeTimeMax)) != nil, !authentication.isDone
                    else { return }
                    late.fulfil(.timedOut("the handshake took too long"))
                    transport.close(CloseReason.sent("the handshake took too long"))
                }
                defer { tasks.cancelAll() }
                do throws(PeerError) {
                    try await body()
                    transport.close(CloseReason.sent(CloseReason.own))
                    return .success(())
                } catch {
                    transport.close(CloseReason.sent(error))
                    return .failure(late.current ?? error)
                }
            }
        } onCancel: {
            transport.close(CloseReason.sent(CloseReason.shuttingDown))
        }
        try outcome.get()
    }

    /// Runs the writer and the watch of a connection beside the body.
    private func running(_ connection: Connection, body: () async throws(PeerError) -> Void) async throws(PeerError) {
        let outcome = await withTaskGroup(of: Void.self) { tasks -> Result<Void, PeerError> in
            tasks.addTask { await connection.write() }
            tasks.addTask { await connection.watch() }
            defer { tasks.cancelAll() }
            do throws(PeerError) {
                try await body()
                connection.close(CloseReason.own)
                return .success(())
            } catch {
                connection.finish(error)
                return connection.isClosedHere ? .success(()) : .failure(error)
            }
        }
        try outcome.get()
    }

    private func connection(
        _ transport: any Transport,
        _ keys: SessionKeys,
        _ remoteKey: [UInt8],
        isInitiator: Bool,
        isRelayed: Bool = false,
        _ authentication: Authentication
    ) -> Connection {
        Connection(
            transport: transport,
            isInitiator: isInitiator,
            isRelayed: isRelayed,
            localKey: identity.publicKey,
            remoteKey: remoteKey,
            keys: keys,
            authentication: authentication,
            timekeeper: timekeeper,
            random: random
        )
    }

    private func sendClear(_ step: HandshakeStep, _ transport: any Transport) async throws(PeerError) {
        guard let message = step.clear else { return }
        do { try await transport.send(message) } catch { throw PeerError(error) }
    }

    private func nextClear(
        _ iterator: inout any AsyncIteratorProtocol<WireMessage, any Error>
    ) async throws(PeerError) -> WireMessage {
        let message: WireMessage?
        do { message = try await iterator.next(isolation: #isolation) } catch { throw PeerError(error) }
        guard let message else { throw .cancelled }
        return message
    }
}
