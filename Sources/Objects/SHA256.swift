import CCrypto
import Synchronization

/// A SHA-256 in progress: OpenSSL's EVP with the digest fetched once (EVP_DigestInit_ex2(3), EVP_DigestUpdate(3)).
///
/// Used once: `finish` ends it.
package struct SHA256: ~Copyable {
    private let context: DigestContext

    package init() {
        context = DigestContext.take()
    }

    deinit { DigestContext.giveBack(context) }

    /// Adds bytes.
    package mutating func update(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { context.update($0) }
    }

    /// The hash of everything added.
    package consuming func finish() -> ObjectHash { context.finish() }

    /// The hash of these bytes.
    static func hash(of bytes: UnsafeRawBufferPointer) -> ObjectHash {
        let context = DigestContext.take()
        defer { DigestContext.giveBack(context) }
        context.update(bytes)
        return context.finish()
    }
}

/// An `EVP_MD_CTX`, of one owner at a time.
///
/// Making one and fetching the algorithm cost as much as hashing 200 bytes, so both are kept: OpenSSL's objects of the
/// latter kind are immutable and reference counted, and this one lives as long as the process.
private struct DigestContext {
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    /// More than hash at once.
    private static let idleCountMax = 64

    /// Contexts that nobody uses now.
    ///
    /// Pointers, as numbers: whoever takes one out has it alone.
    private static let idle = Mutex<[UInt]>([])

    private let pointer: OpaquePointer

    static func take() -> Self {
        let number = idle.withLock { $0.popLast() }
        let pointer = number.flatMap { OpaquePointer(bitPattern: $0) } ?? EVP_MD_CTX_new()
        guard let pointer, EVP_DigestInit_ex2(pointer, algorithm, nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256 or no memory")
        }
        return Self(pointer: pointer)
    }

    static func giveBack(_ context: Self) {
        let isKept = idle.withLock { idle in
            guard idle.count < idleCountMax else { return false }
            idle.append(UInt(bitPattern: context.pointer))
            return true
        }
        if !isKept { EVP_MD_CTX_free(context.pointer) }
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        let result = EVP_DigestUpdate(pointer, bytes.baseAddress, bytes.count)
        precondition(result == 1, "EVP_DigestUpdate")
    }

    func finish() -> ObjectHash {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ObjectHash.byteCount) { buffer in
            var length: UInt32 = 0
            let result = EVP_DigestFinal_ex(pointer, buffer.baseAddress, &length)
            precondition(result == 1 && length == ObjectHash.byteCount, "EVP_DigestFinal_ex")
            return ObjectHash(digest: UnsafeRawBufferPointer(buffer))
        }
    }
}
