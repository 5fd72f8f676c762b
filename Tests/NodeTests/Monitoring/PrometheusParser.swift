import Foundation

/// The parser of the Prometheus project (prometheus_client on PyPI), run beside a test.
enum PrometheusParser {
    static let isHere = (try? run("import prometheus_client", "")) != nil

    private static let script = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families
        for family in text_string_to_metric_families(sys.stdin.read()):
            for sample in family.samples:
                labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
                name = sample.name + ("{" + labels + "}" if labels else "")
                print(json.dumps([name, sample.value]))
        """

    /// Values by name and labels, `name{a=b,c=d}` in order of the labels.
    static func samples(of text: String) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in try run(script, text).split(separator: "\n") {
            guard let item = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Any],
                let name = item.first as? String, let value = (item.last as? NSNumber)?.doubleValue
            else { throw Failure(words: "not a sample: \(line)") }
            guard samples.updateValue(value, forKey: name) == nil else {
                throw Failure(words: "\(name) is there twice")
            }
        }
        return samples
    }

    struct Failure: Error { var words: String }

    private static func run(_ script: String, _ input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (stdin, stdout) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, FileHandle.nullDevice)
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(words: "python3 ended with \(process.terminationStatus)")
        }
        return String(decoding: output, as: UTF8.self)
    }
}
