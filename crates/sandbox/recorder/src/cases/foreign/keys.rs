//! Keys made for the probe's cases alone, with signatures of [`TEXT`] by each. Nobody uses them for anything.

/// What the signatures are of.
pub(super) const TEXT: &str = "some text";

/// A pair of keys.
pub(super) struct Pair {
    pub(super) name: &'static str,
    /// SubjectPublicKeyInfo, base64.
    pub(super) public: &'static str,
    /// PKCS #8, base64.
    pub(super) private: &'static str,
    /// Hash and signature, base64.
    pub(super) signatures: &'static [(&'static str, &'static str)],
}

/// Of every kind that Envoy reads, and one that it does not.
pub(super) const PAIRS: &[Pair] = &[
    Pair {
        name: "rsa",
        public: "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC5My+VqaSlTzEnsDxtcc/2S7g8RUVRKhyzT0rNX9Wtl/U6FWQGhLGsrFeXlyWNgQNeCQhUzTrqkIL2NT8kCv71Qn0+huoSx0Its9aDAEaxN/cnN+PRPJzY1QZp6zsHU3ytx9Mk3C+pRB8J/lZmNeZUtX7SH0a6vsg5z9ckCbs2uwIDAQAB",
        private: "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALkzL5WppKVPMSewPG1xz/ZLuDxFRVEqHLNPSs1f1a2X9ToVZAaEsaysV5eXJY2BA14JCFTNOuqQgvY1PyQK/vVCfT6G6hLHQi2z1oMARrE39yc349E8nNjVBmnrOwdTfK3H0yTcL6lEHwn+VmY15lS1ftIfRrq+yDnP1yQJuza7AgMBAAECgYB7v48JMwy4BN10hpcqDkWGbnwRkbvKixgYXGBAMMwnrYUHpalrjZjnJ1V0DmPiVJV6bRCrEWNPvvYzK8sf+1T2S2If3O7maPzxg25WMNKIxBZBZRJxL1CnNOO2sVLPOQdYwf3jNWVyCKgLcU04FnGOrGMskZ6mwq1abs47DYo6IQJBAOYwoEPwjZXOmLu9C0prKMc5WXWfdJ9DFYQ1bSjwfFiyDDUrJow7VqTYXmhC5P3P8lFSb40cf8poGySLbKF9GKsCQQDN9yqg3i1A0YR+OVeKCDXK5cUKZrMK55ml/4eGKCRiWWV2fJYH1b100QObT29nEUw0zHcG8r6BC8AapsGZGHoxAkBbVQHR0xkqTl2VZ82aCmiUm3GeVNU9960K1vPn4XtE6egkFGnoDAc1ws+6iIg5GI/pqk6ua5dcpO/YESXZ8TufAkBtLO4gtYSBTk4P5m9bkHyLH35xw/x19EwCrM92soKOy1o4E1QntQmnCUADLHkdxhKCDjutqDCJEOR0fB40+7+RAkEAgMgc9cLwkF0usu1wgT8Z8UUnERntgGVqzgPSTCR8HEyCmZ/AcfzMGaTVqS5q/5BcG+hnCDmVdYkuVbClZnoKYQ==",
        signatures: &[
            (
                "sha1",
                "gtErRXybj1Z5iE8YLspDDNuOt45LV61o/weCkoLYIsCYCxLZpSUG69m9ZuPbIsIN7Znsl1aiojRwZ/ZEKrI0V90vjiL5K7AdcDzb6b3oeWge++opHvHPYdZVYgIi4dufyAyyVgAhULVR2HNQZiYuUp4WX6lXw4qiTwmALmIaiRk=",
            ),
            (
                "sha224",
                "Zx9KMtfSaCbbyE4FXM80wyd6g02uY4TEdQGC5jomdKbBI1Djb/ChSDnCJMZuxQz0HQc5wn6ekXmLfBeEPrFcQpDxnuCMJWyb9XGOVuA7ZccT9wXQRao2O3RGwn+iFfl986jUEQbPz2j9ImzFQnuO5Hkjkk1p+orjWuoOwsmbWpo=",
            ),
            (
                "sha256",
                "EVK5IiVuTsJYbfb9yTLUBc6h8dHOvqtEAjPed4tvoDuUGzSwhakzNl3RSE0ztxqJXfTvXdjXit8QUJ8tj9c+B8YLA/ilGEd2D3MGpR1QPz3IEUb1/KIZsIg5NAjvkR5+W9pV4ge51Yxfu/VDjx5Xqwv1d64QvPAGxemUA/PaN7Q=",
            ),
            (
                "sha384",
                "EWmKQpvfimdPE9RsJn4Ug0mZpqNGg9HV6ymzMbvKax1VF5gwGKZt9waWgfl7dFctYpL9VZOvUzkDKXFKB2m6FURTBZgyQdZt2ke9kbqYOZ3A1XwBP7Rm3W0VK1kLVCNh/30h6ikcSfXdTEQNb1s1dbe8vu2PieWoMKWEZxTdV6U=",
            ),
            (
                "sha512",
                "M+c0P/pNAjw7YM+q3pkXgt2lEz1uErBCqT9E13160kXeGDYoDr6X0L/5Jh8zWkhg6TSiBRVy1kvzzUxiIkxyeJ/5972QLK1gY45rBMqRZTe+VuW9vR8MOMsMIjv0vaWU2zwvGtJnArG10SsCvo+hVpJhrqOzmL6PbDg4B2t2DNI=",
            ),
        ],
    },
    Pair {
        name: "P-256",
        public: "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvv1VNe+EEld9OA7LXZIqC3s53jPITifRNquq2MF0NvUiD7Rae80g4N8c+G9A7ZQKuOYPwnnFK4f9eo8NUOFmZw==",
        private: "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbPI7dXADlQ90LjE2iPCK9XL1/ldr9vS9pKN+G6JK2VihRANCAAS+/VU174QSV304DstdkioLezneM8hOJ9E2q6rYwXQ29SIPtFp7zSDg3xz4b0DtlAq45g/CecUrh/16jw1Q4WZn",
        signatures: &[
            (
                "sha1",
                "MEYCIQCmlYNPjqVkuGYqv0Ywwd2+LJvV6Y/iRMxC0XKbbixVzAIhAKxuDy0J4pAadWVcKNjpd79yNBCc0XN0jJOOeP6uoaMM",
            ),
            (
                "sha224",
                "MEUCIQC1QNb6DVh1uku2398r73x7sznKVnFKury5ik5HOpTyLAIgWITBZRbTp6qFHW2Lw7CnEKeIbHg3XVnVU1WHALNvl0M=",
            ),
            (
                "sha256",
                "MEYCIQC6wT4ywgcw8dKipdMnUcEtuzNmGzaj9+TYoJE3m3hH2QIhAPIO248lBqKqiiZ/Y+J8vQwvnt6FGDAF/C9rUO9M4AwM",
            ),
            (
                "sha384",
                "MEUCIAVc5h1+NhJoLPwIhxYm2Ie2JDBtghf8eEdiCPGz5qZEAiEAyQdj7hWppLKX4L0ZhAALo/9lBfg1CvTA3xn5kdKDUzU=",
            ),
            (
                "sha512",
                "MEYCIQD6v9nfWzW+SFQXt5VOKOlQQIuZFCBPB6yuh17vOhoriwIhALVkkw4vcIAj5G0WKIZfYcQvmufZFCO6Yg7L2jikEFHU",
            ),
        ],
    },
    Pair {
        name: "P-384",
        public: "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE0V22uO84rhWAXs7OWTYgKdWaAQeer3R58jZJvlo50seeS3msMuUQIW/Kt1vDauBTM8hpYmZwn3yCULN+PxSAvmPbx8iSb08JVIl3/1oaFZDzabmyo+UfMSWOedu/X8KJ",
        private: "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCQa0al3eds7Ih0ImdY5yVTs0VCGx6WBwjQ676NoEJzMsltctjBOqwECLCpZEHM3oyhZANiAATRXba47ziuFYBezs5ZNiAp1ZoBB56vdHnyNkm+WjnSx55Leawy5RAhb8q3W8Nq4FMzyGliZnCffIJQs34/FIC+Y9vHyJJvTwlUiXf/WhoVkPNpubKj5R8xJY55279fwok=",
        signatures: &[
            (
                "sha1",
                "MGQCMHN0VaNIkFczSUyEt3OxH2Eut5jL3C5qQzompUg2DdqAlXgCNAWdMUfHQxHFasSJkQIwZnEXemvYP6+PPidkK6OXySaye1Kh/QfURS2sxLmLyONoGew7vaAPv/PY5/uMkp5y",
            ),
            (
                "sha224",
                "MGYCMQCLbadtAOaNyT0GdXenCQvUmi8HlHI2sJ42HhHow3pZAYarl81OE06wwsGgTVqyM1kCMQDyjRSwMrpbVzqCaJwkBiEt7WseYS/8X6+lsEWDq0LthRsLV0oI53TCkGe+DU7O16o=",
            ),
            (
                "sha256",
                "MGYCMQDB/7s7gT+efOyZQmrDE97eF4u4u0Afih5vt99srAIzc/10kpCD4eDPxFhpI8wqEDQCMQCOaTEm1JNIhYWkGNM0ioEjtPHCTYABlqUOjFvMQXsrNwF4uaXeH79AwnVZzDn2QSw=",
            ),
            (
                "sha384",
                "MGQCMF432kiJDzUhnddaWxIweV6onGJ23cXA17mXnIsEo5+JdW0bhusIFfP2ZztgOd3gkQIwWw+LQyXF2NeWC/tDjunkiLPdnnXlkanP1BftRUrUb3aul7GpPSjhIXhhykbwt1pE",
            ),
            (
                "sha512",
                "MGUCMBvSuOuw82ZzBF8KIjQkJQMWwGK4rDIX+XMi1t/CmdLaTxVvlG7+4JP63T4uhh/FmwIxAPEqkIqRMBMumKk5eLvcxHQnHEXuk2T7DjILq9YJ1IitsrBgNmnvWNmmUpeJVXFVeg==",
            ),
        ],
    },
    Pair {
        name: "P-521",
        public: "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAdwwHKbe/PT41Pgmt39E03KjWs90iBS0BxxgmzSy1i/yCm8mA7TdmtKGSu4zeV9KaZhk2DY7KonN4HcZ0oUtnU10BYlywRcT7pRShTxyQUR8jiSvppGZXIvh+4MQKQU6UeTa0ilr0dZM4QRHBgHcWMvF98QvuY5PjixWjjI6RoTy6k4A=",
        private: "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIB5SvQZlqLeZJ/RMglO7Bl565s0Yxm+edMSkQATaJq3F2ZHRYE5qiqVLbeJFphjqqao5U5zu/IEmbmSeFoPZ6g3LGhgYkDgYYABAB3DAcpt789PjU+Ca3f0TTcqNaz3SIFLQHHGCbNLLWL/IKbyYDtN2a0oZK7jN5X0ppmGTYNjsqic3gdxnShS2dTXQFiXLBFxPulFKFPHJBRHyOJK+mkZlci+H7gxApBTpR5NrSKWvR1kzhBEcGAdxYy8X3xC+5jk+OLFaOMjpGhPLqTgA==",
        signatures: &[
            (
                "sha1",
                "MIGIAkIBg3XeLGQi0WfY6gAH1dGpCNwMPoUOtaA71IiNbjeJUbQItZbAmzRVk2/HG6yn2pwkamQVT3t2uyXTErTHOiSt2bUCQgCF4TepUKpcYNT2T2lZw7wzXO8GtxDCU44Qq302f/e7cOzEHN6QtUdK/Bc+Ra3ksbQWDHxpVjfzCr9E8ah5D6rLQg==",
            ),
            (
                "sha224",
                "MIGIAkIB8XyO6R7ZTzOFCoG0DzDUV3jxdG0+b09KHjuxNBinq47TEQ7XGO+h22lGb3ewVGm+kHt84ZfL1sfiOcmtkgCEd8ACQgF6P69pGMGOnx9YdFFRDH/1e/uPMRBTztzVLGDZhWK6qZByqZZnk57pH9HYRpucx95FeFuFmOV7WK01wnK7dGOhHA==",
            ),
            (
                "sha256",
                "MIGIAkIBtMXUaEXXlmOl0j9RdvIV7LM2WY5UjABiCFXmMVxBvYc7gGa2WHDOi5BEhVt+atbbTmDN26CAl6IwbgQsXvGCvHcCQgFIL4QuXIRLgDCqrOJCeovI9ShbkOJNq6Lj1S/fLHxJDMFVvyiYRxDDBYFPJ+c94twWRdGx1lHKXHR3d/7MJ5wwwA==",
            ),
            (
                "sha384",
                "MIGHAkIBMbERHELLPyap/t7/F7R00XTCcWXFhAhfz2CeF698JSwC8V2agjQzc2IFJvlB74fU9qrE9JP4ox/clVLqpX0OJOACQU7NwaNy7h7VGvt85SnPkxbZLAp4i1t4fz1j/6qnsaTvCviecZBXRYmSFZW5vA8yo9hvBqZF22plBzwtDPzjYLBh",
            ),
            (
                "sha512",
                "MIGIAkIBnZxq4vhigno/TBEAIKDx8QvmC6hbCWZoulcG6X7E1NKHl+Bn+ZrxFG1BUw0wKTLN3BPTcKcPRnRXYq+CfjBpkAMCQgFNuVxwo6gtxrGtklrpUC8uFLr9R+D4TJYKqnThIRXp/bIPuDNp2HQ5wW8NeCn4oeI+peG0oPUyvr0+pWS0xnfXvA==",
            ),
        ],
    },
    Pair {
        name: "secp256k1",
        public: "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE2bNUpVMJsXpYZVzzgW4uJMcGyUmjqU391JeqRJcvB3h05nplnfWpXrYEtOR3iHBc+hSwBikT/wtrelMH4sT5XQ==",
        private: "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgX2UGxyWUqLTurcqYEizY+NJYxdB7cx8TLTv0xwl2PGOhRANCAATZs1SlUwmxelhlXPOBbi4kxwbJSaOpTf3Ul6pEly8HeHTmemWd9aletgS05HeIcFz6FLAGKRP/C2t6UwfixPld",
        signatures: &[(
            "sha256",
            "MEYCIQDYwuzCgKn1Us0AN003sw1qgtTLTwstJ32O/UCMDfeLpAIhAIZ1fA76O9mJsv5zylA0N3qacP7Ui2LEMxciqFokHjmG",
        )],
    },
    Pair {
        name: "ed25519",
        public: "MCowBQYDK2VwAyEAcO/fHZv3YB8lZYDBVKTkvbSTi1dljV9Eqh5xqMGJSx8=",
        private: "MC4CAQAwBQYDK2VwBCIEIGqCU95JGJXprWxGZn6Ryw+TyAQIOU5Qeymxgx227h72",
        signatures: &[(
            "sha256",
            "+4kscAU4sNzjbTHBt1kjNrht5AjviVS0wHCJIZJIM/MvPMj2gAAlJsu8wDYjcQ1iQP5Gb+2RKF8VbSnc4TYaCw==",
        )],
    },
];
