/// Java names of the exceptions that the RPC layer itself answers with. Clients load the class by this name.
package enum JavaClass {
    package static let noSuchMethod = "org.apache.hadoop.ipc.RpcNoSuchMethodException"
    package static let noSuchProtocol = "org.apache.hadoop.ipc.RpcNoSuchProtocolException"
    package static let versionMismatch = "org.apache.hadoop.ipc.RPC$VersionMismatch"
    package static let rpcServer = "org.apache.hadoop.ipc.RpcServerException"
    package static let ipc = "org.apache.hadoop.ipc.IpcException"
    package static let accessControl = "org.apache.hadoop.security.AccessControlException"
    package static let authorization = "org.apache.hadoop.security.authorize.AuthorizationException"
    package static let invalidToken = "org.apache.hadoop.security.token.SecretManager$InvalidToken"
    package static let sasl = "javax.security.sasl.SaslException"
    package static let io = "java.io.IOException"
}
