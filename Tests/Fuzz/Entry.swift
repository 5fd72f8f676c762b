import Glibc

/// What libFuzzer calls with each input; the decoder to try is named by the environment.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    chosen(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// All that can be fuzzed, by the name `Tests/fuzz` knows it.
private let decoders: [String: @Sendable ([UInt8]) -> Void] = [
    "frame": Decoders.frame,
    "handshake": Decoders.handshake,
    "call": Decoders.call,
    "microdata": Decoders.microdata,
    "json": Decoders.json,
    "invitation": Decoders.invitation,
    "websocket": Decoders.webSocket,
]

private let chosen: @Sendable ([UInt8]) -> Void = {
    let name = getenv("IOM_FUZZ_DECODER").map { String(cString: $0) } ?? ""
    guard let decoder = decoders[name] else {
        print("IOM_FUZZ_DECODER names one of \(decoders.keys.sorted().joined(separator: ", "))")
        exit(2)
    }
    return decoder
}()
