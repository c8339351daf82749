//! A client with a certificate, and the listener that asks for it.

use std::io;
use std::sync::Arc;

use marketplace_sandbox::exchange::Mtls;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, IsCa, KeyPair, SanType};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// One case's certificates.
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
    socket: Value,
}

/// As Istio's are: no subject, and one URI or none.
struct Identity {
    certificate: String,
    der: CertificateDer<'static>,
    key: KeyPair,
}

fn identity(uri: &str, issuer: &CertifiedIssuer<'_, KeyPair>) -> Result<Identity, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    if !uri.is_empty() {
        params.subject_alt_names = vec![SanType::URI(uri.try_into()?)];
    }
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?;
    Ok(Identity { certificate: certificate.pem(), der: certificate.der().clone(), key })
}

impl Tls {
    /// # Errors
    /// When the names in it cannot be a certificate's.
    pub(crate) fn new(mtls: &Mtls) -> io::Result<Self> {
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = KeyPair::generate().and_then(|key| CertifiedIssuer::self_signed(authority, key));
        let authority = authority.map_err(io::Error::other)?;
        let peer = identity(&mtls.peer, &authority).map_err(io::Error::other)?;
        let local = identity(&mtls.local, &authority).map_err(io::Error::other)?;
        let inline = |text: String| json!({"inline_string": text});
        let context = json!({
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": true,
            "common_tls_context": {
                "tls_certificates": [{
                    "certificate_chain": inline(local.certificate),
                    "private_key": inline(local.key.serialize_pem()),
                }],
                "validation_context": {"trusted_ca": inline(authority.pem())},
            },
        });
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone(provider)))
            .with_client_auth_cert(vec![peer.der], PrivateKeyDer::Pkcs8(peer.key.serialize_der().into()))
            .map_err(io::Error::other)?;
        config.enable_sni = !mtls.sni.is_empty();
        let name = if mtls.sni.is_empty() { "nobody" } else { &mtls.sni };
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            name: ServerName::try_from(name.to_owned()).map_err(io::Error::other)?,
            socket: json!({"name": "tls", "typed_config": context}),
        })
    }

    /// The listener's transport socket.
    pub(crate) fn socket(&self) -> &Value {
        &self.socket
    }

    /// # Errors
    /// When the other side does not take the certificate.
    pub(crate) async fn connect(&self, wire: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), wire).await
    }
}

/// Whoever answers is the listener that was just made: its name is the case's, and not the host's.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
