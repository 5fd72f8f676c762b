package import Objects

/// Services 41 and 42: for instances that do not keep the details of every day.
extension IoMClient {
    /// What `hello` offers where these services are.
    package static let outlineFeature = "outline"

    /// The tree after these numbers of the feed and of the outline, and then what changes in it.
    package func outline(after feed: Int64, _ outline: Int64) async throws(CallError) -> OutlineStream {
        let arguments: [JSONValue] = [.number(Double(feed)), .number(Double(outline))]
        return OutlineStream(stream: try await calls.stream(ServiceNumber.outline, arguments, priority: .background))
    }

    /// What was posted to a conversation on one day, after this place in it, and the place to ask from next.
    package func posted(
        on day: Int,
        in topic: String,
        after place: Int64,
        priority: CallPriority = .reader
    ) async throws(CallError) -> (messages: [PostedMessage], next: Int64) {
        let arguments: [JSONValue] = [.string(topic), .number(Double(day)), .number(Double(place))]
        let stream = try await calls.stream(ServiceNumber.day, arguments, priority: priority)
        var messages: [PostedMessage] = []
        var next = place
        while let chunk = try await stream.next() {
            guard case .text(let text) = chunk else { throw .violated("bytes where a text was expected") }
            for line in text.split(separator: "\n") {
                guard messages.count < Self.postedCountMax,
                    let posted = JSONText.decode(PostedLine.self, from: String(line)), posted.place > next,
                    posted.message.objects.count <= Self.hashCountMax,
                    posted.message.metadata.count <= Self.hashCountMax
                else { throw .violated("a line of a day that is not one") }
                messages.append(posted.message)
                next = posted.place
            }
        }
        return (messages, next)
    }

    /// Messages of one day; more than a person and all their friends write.
    private static let postedCountMax = 1_000_000
}

/// A line of a day (service 42): a message with its place.
struct PostedLine: Codable, Hashable {
    var place: Int64
    var message: PostedMessage
}
