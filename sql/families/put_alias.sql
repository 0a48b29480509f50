INSERT INTO ailog_peak.fingerprint_aliases (fingerprint, generation, family, algorithm_version, family_version, reason, since)
VALUES (%(fingerprint)s, %(generation)s, %(family)s, %(version)s, %(family_version)s, %(reason)s, %(since)s)
