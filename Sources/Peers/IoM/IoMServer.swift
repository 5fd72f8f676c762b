import Objects

/// Reads the arguments of requests, asks the node, and writes its answers: the server side of `IoMClient`.
struct IoMServer: CallHandler {
    let service: any IoMService
    let session: IoMSession

    /// Objects of a request that is answered by the thread that read it.
    private static let shortCountMax = 8

    /// Whether it is quicker to answer it than to hand it to another thread.
    func isShort(_ call: IncomingCall) -> Bool {
        guard call.service == ServiceNumber.objectRequest, let hashes = call.arguments.first?.array else {
            return false
        }
        return hashes.count <= Self.shortCountMax
    }

    func answer(_ call: IncomingCall) async throws -> Answer {
        switch call.service {
        case ServiceNumber.hello: try await hello(call)
        case ServiceNumber.objectRequest: try await objects(call)
        case ServiceNumber.rangeRequest: try await range(call)
        case ServiceNumber.chunks: try await chunks(call)
        case ServiceNumber.feed: try await feed(call)
        case ServiceNumber.have: try await have(call)
        case ServiceNumber.status: .data(.string(try await service.status(for: session)))
        case ServiceNumber.affirm: try await affirm(call)
        case ServiceNumber.outline: try await outline(call)
        case ServiceNumber.day: try await day(call)
        default: throw CallFailure(message: "no such service", code: ServiceCode.unknownService)
        }
    }

    private func hello(_ call: IncomingCall) async throws -> Answer {
        guard let text = call.arguments.first?.string, let theirs = JSONText.decode(Hello.self, from: text) else {
            throw Self.badArguments
        }
        return .data(.string(JSONText.encode(try await service.hello(theirs, from: session))))
    }

    private func objects(_ call: IncomingCall) async throws -> Answer {
        let hashes = try Self.hashes(call.arguments.first)
        let requester = call.arguments.dropFirst().first?.string?.printable() ?? ""
        let isDeflated = call.arguments.dropFirst(2).first?.string == Compression.feature
        var writer = ObjectRecordWriter(
            stream: call.stream,
            deflater: isDeflated ? Deflater() : nil,
            isLinkSlow: session.isLinkSlow,
            transfers: session.transfers
        )
        var absent: [ObjectHash] = []
        for hash in hashes {
            if let object = try await service.object(hash, requester: requester, for: session) {
                try await writer.write(hash, object)
            } else {
                absent.append(hash)
            }
        }
        if !absent.isEmpty {
            // What is here does not wait for what has to come first.
            if absent.count < hashes.count { try await writer.flush() }
            await service.bring(absent, for: session)
        }
        for hash in absent {
            try await writer.write(hash, try await service.object(hash, requester: requester, for: session))
        }
        try await writer.flush()
        return .streamed
    }

    private func feed(_ call: IncomingCall) async throws -> Answer {
        guard call.arguments.count >= 2, let sequence = call.arguments[0].integer,
            let limit = call.arguments[1].integer, sequence >= 0, (1...IoMClient.feedLimitMax).contains(limit)
        else { throw Self.badArguments }
        try await service.feed(
            after: Int64(sequence),
            limit: limit,
            to: FeedWriter(stream: call.stream),
            for: session
        )
        return .streamed
    }

    /// hashes -> their sizes; hashes and a nonce -> proofs (`PossessionWriter`).
    private func have(_ call: IncomingCall) async throws -> Answer {
        let hashes = try Self.hashes(call.arguments.first)
        if let argument = call.arguments.dropFirst().first {
            guard let nonce = argument.string.flatMap({ Nonce(hex: $0) }) else { throw Self.badArguments }
            var writer = PossessionWriter(stream: call.stream)
            try await service.prove(hashes, nonce: nonce, to: &writer, for: session)
            try await writer.flush()
            return .streamed
        }
        let held = try await service.held(hashes, for: session)
        return .data(.array(hashes.map { hash in held[hash].map { .number(Double($0)) } ?? .null }))
    }

    private func affirm(_ call: IncomingCall) async throws -> Answer {
        guard let hash = call.arguments.first?.string.flatMap({ ObjectHash(hex: $0) }) else { throw Self.badArguments }
        let proof = try await service.affirm(hash, for: session)
        func text(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: bytes, as: UTF8.self)) }
        return .data(
            .object([
                "certificate": text(proof.certificate), "signature": text(proof.signature),
                "license": text(proof.license),
            ])
        )
    }

    static let badArguments = CallFailure(message: "arguments", code: ServiceCode.badArguments)

    /// 1 to `hashCountMax` different hashes.
    private static func hashes(_ argument: JSONValue?) throws(CallFailure) -> [ObjectHash] {
        guard let items = argument?.array, (1...IoMClient.hashCountMax).contains(items.count) else {
            throw badArguments
        }
        let hashes = items.compactMap { $0.string.flatMap { ObjectHash(hex: $0) } }
        guard hashes.count == items.count, Set(hashes).count == hashes.count else { throw badArguments }
        return hashes
    }
}
