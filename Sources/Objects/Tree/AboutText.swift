/// The text of a conversation's `about.md`, in Markdown.
package enum AboutText {
    package static func text(_ conversation: Conversation) -> String {
        var text = "# " + VisibleText.line(conversation.title) + "\n\n"
        text += "- Kind: " + (conversation.kind == .oneToOne ? "one-to-one" : "group") + "\n"
        text += "- Messages: \(conversation.messageCount)\n"
        text += "- Attachments: \(conversation.attachmentCount)\n"
        if let first = conversation.firstTime { text += "- First message: " + moment(first) + "\n" }
        if let last = conversation.lastTime { text += "- Last message: " + moment(last) + "\n" }
        text += "- Id: " + VisibleText.line(conversation.id) + "\n\n## Participants\n\n"
        for participant in conversation.participants {
            text += "- " + VisibleText.line(participant.name) + " (" + participant.person.hex.prefix(8) + ")\n"
        }
        return text
    }

    private static func moment(_ milliseconds: Double) -> String {
        let time = CivilTime(milliseconds: milliseconds)
        return time.dayText + " " + time.clockText + " UTC"
    }
}
