// Certificates for tests: an authority, and what it vouches for. For X.509's own words see
// RFC 5280.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace cord::test {

/// A certificate with its key, as long as it lives.
struct Certificate {
  std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  std::shared_ptr<X509> it{X509_new(), X509_free};

  void write(const std::string& certificate_file, const std::string& key_file = {}) const {
    FILE* out = std::fopen(certificate_file.c_str(), "w");
    PEM_write_X509(out, it.get());
    std::fclose(out);
    if (key_file.empty()) return;
    out = std::fopen(key_file.c_str(), "w");
    PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
  }
};

class Authority {
 public:
  explicit Authority(const std::string& name) : own_(begin(name)) {
    X509_set_issuer_name(own_.it.get(), X509_get_subject_name(own_.it.get()));
    extend(own_, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(own_.it.get(), own_.key.get(), EVP_sha256());
  }

  /// `alternatives` as OpenSSL writes them: "DNS:a.test,IP:127.0.0.1,URI:sip:a.test"; empty: none.
  [[nodiscard]] Certificate issue(const std::string& common_name, const std::string& alternatives,
                                  long ends_in_s = 3'600) const {
    const Certificate made = begin(common_name);
    X509_gmtime_adj(X509_getm_notAfter(made.it.get()), ends_in_s);
    X509_set_issuer_name(made.it.get(), X509_get_subject_name(own_.it.get()));
    if (!alternatives.empty()) extend(made, NID_subject_alt_name, alternatives);
    X509_sign(made.it.get(), own_.key.get(), EVP_sha256());
    return made;
  }

  /// Nobody else vouches for it.
  [[nodiscard]] static Certificate self_signed(const std::string& common_name,
                                               const std::string& alternatives) {
    const Certificate made = begin(common_name);
    X509_set_issuer_name(made.it.get(), X509_get_subject_name(made.it.get()));
    extend(made, NID_subject_alt_name, alternatives);
    X509_sign(made.it.get(), made.key.get(), EVP_sha256());
    return made;
  }

  void write(const std::string& file) const { own_.write(file); }

 private:
  static Certificate begin(const std::string& common_name) {
    Certificate made;
    X509* it = made.it.get();
    X509_set_version(it, 2);
    static long serial = 0;
    ASN1_INTEGER_set(X509_get_serialNumber(it), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(it), -60);
    X509_gmtime_adj(X509_getm_notAfter(it), 3'600);
    X509_set_pubkey(it, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(it), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    return made;
  }

  static void extend(const Certificate& made, int kind, const std::string& value) {
    X509_EXTENSION* it = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    X509_add_ext(made.it.get(), it, -1);
    X509_EXTENSION_free(it);
  }

  Certificate own_;
};

}  // namespace cord::test
