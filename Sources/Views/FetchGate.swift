package import Objects

/// Decides who may cause a fetch.
///
/// Asked whenever a read needs bytes that are not here; answers without waiting for the network, from any thread.
package protocol FetchGate: Sendable {
    /// Lets the caller wait for these bytes, or throws `fetchNotAllowed`.
    ///
    /// Tells the name of the program where it was found out.
    func admit(_ caller: Caller, to wish: FetchWish) throws(ObjectError) -> String?
}

/// Lets everybody fetch.
package struct OpenGate: FetchGate {
    package init() {}

    package func admit(_ caller: Caller, to wish: FetchWish) throws(ObjectError) -> String? { nil }
}

/// Bytes that are not here and that somebody wants to read.
package struct FetchWish: Hashable, Sendable {
    /// The object, or what stands for a document.
    package var key: ObjectHash
    /// Size of all of it.
    package var byteCount: Int
    package var range: Range<Int>

    package init(key: ObjectHash, byteCount: Int, range: Range<Int>) {
        (self.key, self.byteCount, self.range) = (key, byteCount, range)
    }
}

/// Who asks for bytes.
package struct Caller: Sendable {
    /// The program, found out only where it matters, because it costs; nil if it cannot be told.
    package var program: @Sendable () -> CallingProgram?

    package init(program: @escaping @Sendable () -> CallingProgram?) { self.program = program }

    /// Nobody whom anything is forbidden.
    package static let unknown = Caller { nil }
}

/// A running program, as far as the kernel tells.
package struct CallingProgram: Hashable, Sendable {
    /// 0: unknown.
    package var processID: Int32
    /// What people call it; of a script, its name and not that of what runs it.
    package var name: String
    /// All it can be called by; the first is what the kernel calls it (proc_pid_comm(5)), cut at 15 bytes.
    package var names: [String]
    /// Whether somebody sits in front of it: it has a controlling terminal.
    package var hasTerminal: Bool
    /// Whether it or who started it was told not to fetch.
    package var isMarkedLocalOnly: Bool

    package init(
        processID: Int32 = 0,
        name: String,
        names: [String]? = nil,
        hasTerminal: Bool = false,
        isMarkedLocalOnly: Bool = false
    ) {
        (self.processID, self.name, self.names) = (processID, name, names ?? [name])
        (self.hasTerminal, self.isMarkedLocalOnly) = (hasTerminal, isMarkedLocalOnly)
    }

    /// The kernel cuts names of programs at this length.
    private static let kernelNameByteCountMax = 15

    /// Whether it is one of these programs.
    package func isOne(of listed: some Sequence<String>) -> Bool {
        listed.contains { word in
            if names.contains(where: { $0.utf8.elementsEqual(word.utf8) }) { return true }
            return names.first?.utf8.elementsEqual(word.utf8.prefix(Self.kernelNameByteCountMax)) == true
        }
    }
}
