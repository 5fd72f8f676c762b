import CLinux
import Glibc
import SystemPackage

/// The loopback device, through which all instances of a run talk.
enum Loopback {
    /// Gives this process, and all that it starts from then on, a loopback device of their own (unshare(2),
    /// netdevice(7)), so that what is counted there is theirs.
    ///
    /// To be called before there is a second thread. Needs root; without it the machine's device stays.
    static func separate() {
        guard unshare(cloneNewNetwork) == 0 else { return }
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var request = ifreq()
        withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: "lo".utf8) }
        request.ifr_ifru.ifru_flags = Int16(IFF_UP | IFF_RUNNING)
        _ = ioctl(descriptor, UInt(SIOCSIFFLAGS), &request)
    }

    /// Bytes that came out of it so far, headers of packets included (proc_pid_net(5), dev); nil if it cannot be told.
    static var byteCount: Int? {
        let line = Machine.lines(of: "/proc/self/net/dev").first { $0.drop { $0 == " " }.hasPrefix("lo:") }
        return line?.split(separator: ":").last?.split(separator: " ").first.flatMap { Int($0) }
    }

    /// Bytes that go through it during something and until it has been quiet for a while.
    static func count(during body: () async throws -> Void) async throws -> Int {
        guard let start = byteCount else { throw PeerFailure("what goes over the loopback device cannot be counted") }
        try await body()
        var (last, quietCount) = (start, 0)
        while quietCount < quietCountMin {
            try await Task.sleep(for: pause)
            let now = byteCount ?? last
            quietCount = now - last < quietByteCountMax ? quietCount + 1 : 0
            last = now
        }
        return last - start
    }

    /// CLONE_NEWNET of sched.h.
    private static let cloneNewNetwork: Int32 = 0x4000_0000
    private static let pause = Duration.milliseconds(100)
    private static let quietCountMin = 8
    /// Pings are no traffic.
    private static let quietByteCountMax = 1_024
}
