package import Objects

extension IoMClient {
    /// The encoded list of an object's chunks, which may come while it is made; not verified.
    ///
    /// Longer than a list for this size it does not get.
    package func chunks(of hash: ObjectHash, objectByteCount: Int) async throws(CallError) -> ByteStream {
        let stream = try await calls.stream(ServiceNumber.chunks, [.string(hash.hex)])
        return ByteStream(
            stream: stream,
            byteCountMax: ChunkList.encodedByteCountMax(objectByteCount: objectByteCount),
            transfers: transfers
        )
    }
}
