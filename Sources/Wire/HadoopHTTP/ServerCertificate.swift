import NIOConcurrencyHelpers
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The certificate that an https port shows and its private key, from two PEM files. New connections get what the files
/// held when they were last looked at, so that a renewed certificate needs no restart.
package final class ServerCertificate: Sendable {
    /// A PEM file, and the configuration key that names it, for messages.
    package struct Source: Hashable, Sendable {
        package var path: String
        package var key: String

        package init(path: String, key: String) {
            self.path = path
            self.key = key
        }
    }

    /// What is wrong with the files, for the operator.
    package struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    private struct Loaded {
        var context: NIOSSLContext
        var stamps: [Stamp]
    }

    private let certificate: Source
    private let privateKey: Source
    private let loaded: NIOLockedValueBox<Loaded>

    /// - Parameter certificate: the server's own certificate first, then those of the authorities between it and a root.
    /// - Throws: `Unusable` when a file cannot be read, is no PEM, or the two do not belong together.
    package init(certificate: Source, privateKey: Source) throws(Unusable) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.loaded = NIOLockedValueBox(try Self.load(certificate, privateKey))
    }

    var context: NIOSSLContext { self.loaded.withLockedValue { $0.context } }

    /// Reads the files again if they have changed. What was read before stays in use when they cannot be used.
    /// - Returns: whether they had changed.
    package func reload() throws(Unusable) -> Bool {
        let stamps = try Self.stamps(self.certificate, self.privateKey)
        guard stamps != self.loaded.withLockedValue({ $0.stamps }) else { return false }
        let loaded = try Self.load(self.certificate, self.privateKey)
        self.loaded.withLockedValue { $0 = loaded }
        return true
    }

    private static func load(_ certificate: Source, _ privateKey: Source) throws(Unusable) -> Loaded {
        // First: a file that changes while it is read is read again.
        let stamps = try Self.stamps(certificate, privateKey)
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate.path)
        } catch {
            throw Self.unusable(certificate, "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
        }
        guard !chain.isEmpty else { throw Self.unusable(certificate, "holds no certificate") }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: privateKey.path, format: .pem)
        } catch {
            throw Self.unusable(
                privateKey,
                "holds no private key in PEM form without a passphrase (-----BEGIN PRIVATE KEY-----)"
            )
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return Loaded(context: try NIOSSLContext(configuration: configuration), stamps: stamps)
        } catch {
            throw Self.unusable(
                privateKey,
                "does not fit the certificate in \(certificate.path) (\(certificate.key)): \(error)"
            )
        }
    }

    private static func unusable(_ source: Source, _ reason: String) -> Unusable {
        Unusable(description: "\(source.path) (\(source.key)) \(reason)")
    }

    // MARK: Changes

    private struct Stamp: Hashable {
        var inode: UInt64
        var size: Int64
        var seconds: Int64
        var nanoseconds: Int64
    }

    private static func stamps(_ sources: Source...) throws(Unusable) -> [Stamp] {
        var stamps: [Stamp] = []
        for source in sources {
            var status = stat()
            guard unsafe stat(source.path, &status) == 0, unsafe access(source.path, R_OK) == 0 else {
                throw Self.unusable(source, unsafe "cannot be read: \(String(cString: strerror(errno)))")
            }
            stamps.append(
                Stamp(
                    inode: UInt64(status.st_ino),
                    size: Int64(status.st_size),
                    seconds: Int64(status.st_mtim.tv_sec),
                    nanoseconds: Int64(status.st_mtim.tv_nsec)
                )
            )
        }
        return stamps
    }
}
