package import HadoopWire

/// An error as a Hadoop client sees it: the client builds a Java exception of `exceptionClass` from `message`.
package struct RPCFailure: Error, Sendable, Hashable {
    package var code: RPCErrorDetail
    /// The exact Java binary name, `$` for nested classes.
    package var exceptionClass: String
    package var message: String
    /// Whether the connection ends with it. A failure of one call is not fatal.
    package var isFatal: Bool

    package init(
        code: RPCErrorDetail = .application,
        exceptionClass: String,
        message: String,
        isFatal: Bool = false
    ) {
        self.code = code
        self.exceptionClass = exceptionClass
        self.message = message
        self.isFatal = isFatal
    }
}

extension RPCFailure: CustomStringConvertible {
    package var description: String { "\(self.exceptionClass): \(self.message)" }
}

// MARK: - YARN's exceptions

extension RPCFailure {
    private static func yarnClass(_ name: String, _ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "org.apache.hadoop.yarn.exceptions.\(name)", message: message)
    }

    /// Everything that has no class of its own.
    package static func yarn(_ message: String) -> RPCFailure { self.yarnClass("YarnException", message) }

    package static func applicationNotFound(_ message: String) -> RPCFailure {
        self.yarnClass("ApplicationNotFoundException", message)
    }

    package static func applicationAttemptNotFound(_ message: String) -> RPCFailure {
        self.yarnClass("ApplicationAttemptNotFoundException", message)
    }

    package static func applicationMasterNotRegistered(_ message: String) -> RPCFailure {
        self.yarnClass("ApplicationMasterNotRegisteredException", message)
    }

    package static func invalidApplicationMasterRequest(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidApplicationMasterRequestException", message)
    }

    package static func invalidResourceRequest(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidResourceRequestException", message)
    }

    package static func invalidLabelResourceRequest(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidLabelResourceRequestException", message)
    }

    package static func invalidContainerRelease(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidContainerReleaseException", message)
    }

    package static func invalidResourceBlacklistRequest(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidResourceBlacklistRequestException", message)
    }

    package static func containerNotFound(_ message: String) -> RPCFailure {
        self.yarnClass("ContainerNotFoundException", message)
    }

    package static func nmNotYetReady(_ message: String) -> RPCFailure {
        self.yarnClass("NMNotYetReadyException", message)
    }

    package static func invalidContainer(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidContainerException", message)
    }

    package static func invalidAuxService(_ message: String) -> RPCFailure {
        self.yarnClass("InvalidAuxServiceException", message)
    }

    package static func resourceProfilesNotEnabled(_ message: String) -> RPCFailure {
        self.yarnClass("ResourceProfilesNotEnabledException", message)
    }

    package static func featureNotEnabled(_ message: String) -> RPCFailure {
        self.yarnClass("YARNFeatureNotEnabledException", message)
    }
}

// MARK: - Exceptions of Hadoop's RPC and security

extension RPCFailure {
    package static func noSuchMethod(_ method: String, protocolName: String) -> RPCFailure {
        RPCFailure(
            code: .noSuchMethod,
            exceptionClass: JavaClass.noSuchMethod,
            message: "Unknown method \(method) called on \(protocolName) protocol."
        )
    }

    package static func noSuchProtocol(_ protocolName: String) -> RPCFailure {
        RPCFailure(
            code: .noSuchProtocol,
            exceptionClass: JavaClass.noSuchProtocol,
            message: "Unknown protocol: \(protocolName)"
        )
    }

    /// The client calls another version of the protocol than the one served.
    package static func versionMismatch(protocolName: String, client: UInt64, server: UInt64) -> RPCFailure {
        RPCFailure(
            code: .rpcVersionMismatch,
            exceptionClass: JavaClass.versionMismatch,
            message: "Protocol \(protocolName) version mismatch. (client = \(client), server = \(server))"
        )
    }

    package static func undecodableRequest(method: String, protocolName: String, reason: String) -> RPCFailure {
        RPCFailure(
            code: .rpcServer,
            exceptionClass: JavaClass.rpcServer,
            message: "The request of \(method) on \(protocolName) is not the message that the protocol names: \(reason)"
        )
    }

    package static func accessControl(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: JavaClass.accessControl, message: message)
    }

    package static func authorization(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: JavaClass.authorization, message: message)
    }

    package static func invalidToken(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: JavaClass.invalidToken, message: message)
    }

    /// Makes an HA client go to the other ResourceManager.
    package static func standby(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "org.apache.hadoop.ipc.StandbyException", message: message)
    }

    /// The client may try again later.
    package static func retriable(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "org.apache.hadoop.ipc.RetriableException", message: message)
    }

    /// A failure of the server itself: the request may have been fine.
    package static func server(_ message: String) -> RPCFailure {
        RPCFailure(code: .rpcServer, exceptionClass: JavaClass.rpcServer, message: message)
    }

    package static func io(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: JavaClass.io, message: message)
    }

    package static func fileNotFound(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "java.io.FileNotFoundException", message: message)
    }

    package static func illegalArgument(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "java.lang.IllegalArgumentException", message: message)
    }

    package static func unsupportedOperation(_ message: String) -> RPCFailure {
        RPCFailure(exceptionClass: "java.lang.UnsupportedOperationException", message: message)
    }
}
