/// Peers.
