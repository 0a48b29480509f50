"""The vocabulary of error prose: words that programs use to say what went wrong.

A word of this list is constant text wherever a sentence allows it; a word outside it is taken for a name. The list was counted,
not chosen: words that occur in the messages of several independent programs (Python libraries, GNU tools, the JDK, PostgreSQL,
systemd), and the vocabulary of operating services added to it. Names of products, people and business objects are not in it.
Changing the list changes fingerprints, so it belongs to the algorithm version.
"""

from __future__ import annotations

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


VOCABULARY: Final = word_set(
    """
    abandoned abbrev abbreviated abbreviation abbreviations abend abi able abnormal abnormally abort aborted aborting aborts about above
    abs absent absolute absolutely abstract acannot accelerator accept acceptable accepted accepting accepts access accessed accesses
    accessible accessing accessor according accumulated ack acknowledge acknowledged acknowledgement acks acl acls acquire acquired
    across act action actions activate activated activation active activity actual actually ad adapt add added addend adding addition
    additional additionally addr address addressed addresses addressing adds adjacent adjust adjusted adjustment admin administrative
    administrator admissible admission advance advanced advertised advice advised advisory afailed affect affected affects affinity
    afghanistan africa after again against age agent aggregate aggregation ago agreed ahead al alarm alert alerts algo algorithm
    algorithms alias aliased aliases align aligned alignment alive all alloc allocate allocated allocating allocation allocations
    allocator allow allowable allowed allowing allows almost alone along alpha alphabet alphanumeric alpn already also alt alter
    alternate alternative alternatively alternatives altname always am ambiguous america among an analysis analyze analyzed analyzer
    analyzing ancestor ancestors anchor and animation annotate annotated annotation annotations announced ano anonymous another ansi
    answer answered anti any anymore anything anyway anywhere apart api apis apiserver app apparently appear appeared appears append
    appended appending applicable application applications applied applies apply applying approached approaching appropriate approval
    approve approved apt ar arab arabic arbiter arbitrary arc arch architecture architectures archive archived archiver archives are
    area arg args argument arguments arithmetic arm around array arrays arrow artifact as ascii ase ask asked asn assemble assembler
    assert assertion asset assets assign assigned assigning assignment assignments associated association assume assumed assuming async
    asynchronous at athe atlas atom atomic attach attached attaching attempt attempted attempting attempts attr attribute attributes
    attribution audience audio audit auth authenticate authenticated authentication authenticator author authorised authorities
    authority authorization authorize authorized auto autocommit automated automatic automatically aux auxiliary availability available
    average avg avoid avro await awaitable awaited aware away axis back backend backends background backing backlog backoff backpressure
    backslash backspace backup backups backward backwards bad badly balancer bandwidth bank banned banner bare barrier bars base based
    baseline basename bases basic basis batch batched bb be bean beans became because become becomes becoming been before begin
    beginning begins behavior behaviour behind being belong belonging belongs below best better between beyond bfailed bfd big bigger
    bigint bin binaries binary bind binding bindings bit bitfield bitmap bits bitstring black blacklist blacklisted blank blob block
    blocked blocking blocklist blocks blocksize blue bmp bodies body bogus bom bool boolean boost boot booted booting bootstrap
    bootstrapping border both bottleneck bottom bounced bound boundaries boundary bounded bounds box brace bracket brackets branch break
    breaker breakpoint breaks broadcast broken broker brokers brotli browse browser bsd bthe bthis btree bucket buckets buffer buffered
    buffering buffers bug buggy bugs build builder building builds built builtin bulk bundle bundled bundles burst bursting bus busy but
    button by bypass bypassing byte bytearray bytecode bytes ca cache cached caches caching calculate calculated calculating calendar
    call callable callables callback callbacks called caller calling calls can cancel canceled canceling cancellable cancellation
    cancelled cancelling cancels candidate candidates cannot canonical capabilities capability capacity capped caps capture card
    cardinality care careful carriage carry cascade case cases cast cat catalog catalogs catch categories category caught cause caused
    causes caution cc ccannot cd ceiling cell cells center central cert certain certainly certfile certificate certificates
    certification certs cgroup chain challenge chance change changed changelog changes changing channel channels char character
    characters chardet chars charset chdir check checked checker checking checkpoint checkpoints checks checksum checksums child
    children china chmod choice choices choose chooser choosing chosen chunk chunked chunking chunks chunksize cidr cipher ciphers
    circle circuit circular claim claims clash class classes classic classloader classname classpath classvar clause clauses clean
    cleaned cleaner cleaning cleanly cleanup clear cleared clearing cli click client clients clip clipped clobber clock clone clones
    cloning close closed closing closure cloud cls cluster clustered clusters cmd co coalesce code codec codecs codes coerced coff col
    cold collate collation collations collect collected collection collector collides collision colon color colors cols column columns
    combination combinations combine combined combining comdat come comes comma command commands commas comment comments commit commits
    committed committing common communication compact compaction compare compared comparing comparison comparisons compatibility
    compatible compensation compilation compile compiled compiler compiling complement complete completed completely completes
    completion complex compliant component components composed composite compound compress compressed compressing compression compressor
    compromise computation compute computed computer computing concat concatenate concrete concurrency concurrent concurrently cond
    condition conditional conditions conf config configs configuration configurations configure configured configuring confirm
    confirmation conflict conflicting conflicts conform confusion congested congestion congo conjunction connect connected connecting
    connection connections consecutive consensus consider considered considering consist consistency consistent consists console const
    constant constants constrained constraint constraints construct constructed constructing construction constructor constructors
    constructs consult consume consumed consumer consumers consumption contact contacted contain contained container containers
    containing contains contended content contention contents context contexts contiguous continuation continue continued continuing
    contract contracts contrecord control controller controllers controlling controls convention conversion conversions convert
    converted converter convertible converting cookie cookies cooldown coordinate coordinates coordinator copied copies copy copying
    copyright cordoned core coredump cores coroutine correct correction correctly correctness correlation correspond corresponding
    corrupt corrupted corruption cors cost could count counted counter counters counting country counts cover coverage covered cp cpu cr
    crash crashed crashes crashing crashloop crc create created creates creating creation credential credentials criteria critical crl
    cron cross crossed crossing crypt cryptography csrf css csv cte cthe ctrl ctype cumulative current currently cursor cursors curve
    custom customized cutoff cycle cycles cyclic czech da daemon daemonset dangerous dangling dash dashes data database databases
    datacenter dataclass datadir dataframe dataset datatype datatypes date dates datetime datetimes day days db dbname dcannot dd de
    dead deadletter deadline deadlock deadlocked deadlocks deal debian debounce debug debugger debugging decide decimal decimals
    decision declaration declarations declare declared declares decline declined decodable decode decoded decoder decoding decommission
    decommissioned decompress decompressed decompression decorate decorated decorator decorators decreasing decrypt decrypted decryption
    deduplication deep def default defaulting defaults defective defer deferrable deferred deferring define defined defines defining
    definition definitions degradation degraded delay delayed delays delegation delete deleted deletes deleting deletion delimited
    delimiter deliver delivered deliveries delivery delta demangle demoted denied depend dependencies dependency dependent depending
    depends deploy deployed deploying deployment deployments deprecated depth dequeue der dereference derive derived describe described
    describing description descriptions descriptor descriptors deserialization deserialize deserializer deserializing designed desired
    desktop despite dest destination destroy destroyed detach detached detaching detail detailed details detect detected detection
    determine determined determines deterministic developer developers development device devices df dh diagnostic diagnostics dial
    dialect dialed dialing dialog dict dictionaries dictionary dicts did die died dies diff differ difference differences different
    differing differs digest digit digits dimension dimensions dir direct direction directive directives directly directories directory
    dirs dirty disable disabled disables disabling disagreed disallow disallowed disambiguate disappeared disassemble disassembled disc
    discard discarded discarding disconnect disconnected disconnecting disconnection disconnects discouraged discoverable discovered
    discovery discriminator disk disks dispatch dispatched dispatcher displacement display displayed displaying displays disrupted
    disruption dist distance distinct distinguished distribute distributed distribution distutils divide divided divisible division dkim
    dl dll dmarc dn dns do doc docid docids docs docstring document documentation documented documents does doing dollar domain domains
    done dos dot dots dotted double doubled down downgrade downgrading download downloaded downloading downstream dp dpkg drain drained
    draining draw drawing drift drive driver drop dropped dropping drops ds dsa dso dsos dst dt dtype due dumb dump dumped dumping dumps
    dup duplicate duplicated duplicates duration during dv dwarf dynamic dynamically each eager earlier earliest early ec ecannot echo
    edge edges edit editable editing editor effect effective effectively efficient eg either elapsed elected election element elements
    elf eligible ellipsis elliptic else elsewhere emacs embedded emergency emit emitted emptied empty emt emulation enable enabled
    enables enabling enclosing encode encoded encoding encodings encountered encrypt encrypted encrypting encryption end ended endian
    endianness ending endpoint endpoints ends enforce engine english enhanced enlarge enough enqueue enqueued ensure enter entered
    entering entire entirely entities entitled entitlement entity entries entry entrypoint enum enums env environment eof eol ephemeral
    epoch equal equality equals equivalent erase erased err errno error errored errors es escape escaped escapes escaping essential
    establish established estimate estimated etc ethe european eval evaluate evaluated evaluates evaluating evaluation even event events
    every everything evict evicted evicting eviction ex exact exactly examine examining examples exceed exceeded exceeding exceeds
    except exception exceptionally exceptions excess excessive exchange exchanges exclude excluded excludes excluding exclusion
    exclusions exclusive exclusively exec executable execute executed executing execution executor executors exhaust exhausted
    exhausting exhaustion exist existence existing exists exit exited exiting exits exp expand expanded expanding expansion expect
    expected expecting expects expensive experimental expiration expire expired expires expiring expiry explain explanation explicit
    explicitly exponent export exported exporter exporting exports expose exposed expr expression expressions ext extend extended
    extending extends extensible extension extensions extent external extra extract extracted extracting extraction extraneous extras
    extremely fa factor factory fail failed failing fails failure failures fake fall fallback falling false families family far fast
    faster fatal fault faulted faults faulty favor favour fcannot fd fdatasync fds feature features feed feedback fence fenced fencing
    fetch fetched fetcher fetching few fewer field fieldname fields fifo figure file filename filenames fileno files filesystem filetype
    fill filled filling filter filters final finalization finalize finalizer finalizers finally find finding fingerprint fingerprints
    finish finished finishing finite finvalid fire firewall first fit five fix fixed fixes fixing fixture fixups flag flags flapping
    flash flat flatten flavor float floating floats flood flooded flow flush flushed flushes flushing fmt fold folder follow followed
    follower followers following follows font fonts footer for forbidden force forced forces forcing foreground foreign forget fork
    forked forking form formal format formats formatted formatter formatting formed forms forward forwarded forwarding found foundation
    four fp fraction fractional fragment fragmentation fragmented frame frames free freed freeing freeze frequency fresh from frontend
    frozen fs fstat fsync fthe ftp fulfilled full fully func funcname function functionality functions funds further future gain gap
    garbage gateway gateways gave gb gc gcc gcs general generally generate generated generates generating generation generator
    generators generic generics geometric geometry german get getaddrinfo getting gfailed gid gif give given gives giving glibc glob
    global globally gnu go goes going gone good goroutine goroutines got gp gpg gpl graceful gracefully grant granted graph graphic
    greater green greeting greylist greylisted group grouped grouping groups grow grpc gss gssapi gt gtk guarantee guaranteed guarded
    guess guessed guessing guest gui guide gzip had half halted halting hand handle handled handler handlers handles handling handoff
    handshake hang hangs hangul hangup happen happened happens hard hardware has hash hashed hashes hashing hat have having hcannot head
    header headers heading healthcheck healthy heap heartbeat heartbeats height held helo help helper helpful here heuristic hex
    hexadecimal hh hi hibernate hidden hide hierarchy high higher highest highlight hint hints hinvalid histogram history hit hits
    hitting hold holder holding holds hole holes home honor hook hooks hop hops horizontal host hostname hostnames hosts hot hotspot
    hour hours how however html http https huge human hunable hung hypervisor hyphen hyphens ic icannot icon iconv icu id idempotence
    idempotent ident identical identification identified identifier identifiers identify identity idle idna ids ie if ignore ignored
    ignores ignoring ii iinvalid ill illegal im image images imbalance imm immediate immediately imminent immutable impact impersonate
    implement implementation implementations implemented implements implicit implicitly implied implies imply import important imported
    importerror importing importlib imports impossible improper in inaccessible inaccurate inactive inappropriate inbound inc include
    included includes including inclusive incoming incompatible incomplete inconsistency inconsistent incorrect incorrectly increase
    increases increasing increment incremental incremented indefinite indefinitely indent indentation independent index indexable
    indexed indexer indexes indexing indicate indicated indicates indication indicator indicators indices indirect individual
    ineffective ineligible inet inexact inf infer inference inferred infinite infinity info information informative infos ingest
    ingested ingestion ingress inherit inheritance inherited inheriting inherits inhibit init initdb initial initialization initialize
    initialized initializer initializing initially initiate initiated injected injection inline inner inode inodes input inputs insecure
    insensitive insert inserted inserting insertion inside insn inspect inspection install installation installed installing instance
    instances instant instantiate instantiated instantiation instead instruction instructions instrument insufficient int integer
    integers integral integrity intel intended intentional intentionally interact interactive interactively interchange interface
    interfaces intermediate internal internally internals international internationalized internet interpolation interpret
    interpretation interpreted interpreter interrupt interrupted interruptible interruption interrupts intersect interval intervals
    interworking into introduce introduction introspection ints invalid invalidate invalidated inverse invert inverted invisible
    invocation invoke invoked invoking involve involved involving io ioexception ip ipc is isa isinstance island islands iso isolation
    isr issubclass issue issued issuer issues issuing it item items iterable iterables iterate iteration iterations iterator ithe its
    itself jail jar javascript jdk jit jitter job jobs join joined joiner joining joins journal jpeg json jump junk just jvm jwt kb
    kcannot kdc keep keepalive keeping kept kerberos kernel key keyboard keyfile keyring keys keyspace keystore keyword keywords kfailed
    khmer kib kill killed killing kind kinds know known kwarg kwargs label labels lack lacking lacks lag lagged lagging lambda lang
    language languages large larger largest last late latency later latest latin latitude latter launch launched launching law layer
    layout lazily lazy lb lcannot ld ldap le lead leader leaders leadership leading leaf leak leaked leaking leap lease leases least
    leave leaves leaving left legacy legacyversion legal len length lengths less let letter letters level levels lf lib libraries
    library libs license lifetime like likely limit limited limits line linear lineno lines link linkage linked linker linking links
    linux list listdir listed listen listener listeners listening listing lists literal literals little live liveness lo load loadable
    loaded loader loaders loading loc local locale locales localized locally locals locate located location locations lock locked
    lockfile locking lockout locks log logged logger logging logic logical login logout logs long longer look looked looking looks
    lookup lookups loop loopback looping lord loss lost lot lots low lower lowercase lp ls lseek lsn lt lua lzma mac machine machines
    macos macro macros made magic magnitude mailbox main maintainer maintainers maintenance major make makefile makes making malformed
    malicious malloc man managed management manager managers mandatory manifest manipulate manual manually many map mapped mapper
    mappers mapping mappings maps mark markdown marked marker markers marking marks markup marshal marshalling mask masked master match
    matched matcher matches matching material math matrix max maxdepth maximum may maybe mb me mean meaning meaningful meaningless means
    meant measurement mechanism mechanisms media medium megabytes member members membership memory memtable mentioned menu merge merged
    merges merging message messages meta metadata method methods metric metrics mfailed mib microsoft middle might migrate migrated
    migrating migration migrations milliseconds mime min minimal minimum minor minus minute minutes minvalid misbehaving
    misconfiguration misconfigured mismatch mismatched mismatching misplaced misrouted missed misses missing mitigation mix mixed mixing
    mm mmap mmm mnemonic mock mod mode model models modern modes modification modifications modified modifier modifiers modify modifying
    module modules modulus mon monitor monitored monitoring month months more most mount mounted mounting mounts mouse move moved moving
    ms msg mthe mtime much multi multibyte multidimensional multipart multiple multiply multixact must mutable mutate mutex mutual
    mutually my nack nacked naive name named namedtuple names namespace namespaces naming nan nanoseconds native natural ncannot near
    nearest necessary need needed needs negate negated negation negative negotiate negotiated negotiation neighbor neighbour neither
    nest nested nesting net network never new newer newest newline newlines newly next nfailed nice nil ninvalid nis no node nodes non
    nonblocking nonce none nonempty nonexistent nonzero nop nor normal normalization normalized normally northern not notation note
    notes nothing notice notification notifications notified notify notifying notready now np nr ns nthe nul null nullable nulls num
    number numbered numbering numbers numbytes numeric numerical oauth obj object objects obsolete obtain obtained obtaining occur
    occured occurred occurrence occurrences occurring occurs ocsp octal octet octets odd of off offer offered offline offset offsets
    often oid oidc oids oinvalid ok old older oldest oldestxid omit omitted on once one ones ongoing online only onto oom oops op opaque
    opcode open opened opening openpgp opens openssl opentelemetry operand operands operate operating operation operational operations
    operator operators opexpr oplog ops opt optimal optimistic optimization optimizations optimize option optional optionally options
    opts or ordered ordering ordinal ordinary org orientation origin original origins orphan orphaned os oserror other others otherwise
    our out outage outbound outdated outer outgoing output outputs outside over overall overcommit overdue overflow overflowed overflows
    overhead overlap overlapping overlaps overlay overload overloaded overridden override overrides overriding oversize oversized
    overview overwhelmed overwrite overwriting overwritten own owned owner ownership owning pa pack package packaged packages packaging
    packed packet packets pad padded padding page pageaddr pager pages pagination pair pairs palette pam panic paniced panicked
    panicking paragraph parallel param parameter parameters params paramspec parent parentheses parenthesis parenthesized parents parse
    parsed parser parsers parsing part partial partially particular partition partitioned partitioning partitions parts pass passed
    passing passphrase passwd password passwords past patch patches path pathname paths pattern patterns pause paused pausing payload
    payloads pc pdf pe peer peers pem pending people pep per percent percentage perform performance performed performing perhaps period
    periods perl permanent permanently permission permissions permit permits permitted persisted persistence persistent
    persistentvolumeclaims personal pessimistic pgdata phase phrase physical physically pick pickled pid pin ping pinned pinning pip
    pipe piped pipeline pipes pixels pkcs pkg place placed placeholder placeholders placement places plain plaintext plan platform
    platforms please plt plug plugin plugins plural plus png pod pods point pointer pointers pointing points poison poisoned policies
    policy poll polled polling polygon polymorphic pool pooled pools pop popen populated population port portable portal portion ports
    pos position positional positionally positions positive posix possibilities possible possibly post postfix postmaster postpone
    postponed potential potentially power pragma pre precede preceded precedence precedes preceding precise precision predicate
    predicates preempt preempted preemptible preemption prefer preference preferences preferred prefetch prefix prefixed prefixes
    preload premature prematurely prepare prepared preparing prepend preprocessor prerelease presence present presented preserve
    preserved preserving preset press pressure prev prevent prevented prevents preview previous previously pri primary prime primitive
    principal principals print printable printed printer printf printing prints prior priority private privilege privileges probably
    probe probes problem problems proc procedural procedure procedures proceed proceeding process processed processes processing
    processor processors produce produced producer producers produces producing production profile profiles profiling prog program
    programs progress prohibited project projects prologue promise promote promoted promotion prompt propagate propagation proper
    properly properties property proposed prot protected protection protocol protocols provide provided provider providers provides
    providing provision provisioned provisioner provisioning proxied proxy pruning ps pseudo psql pthe public publication publications
    publish published publisher publishing pull punctuation punycode pure purge purged purging purpose purposes push pushed put putting
    pwd pyproject pyyaml qa qthe qualified qualifier qualifies qualifying quality quarantine quarantined queries query querying question
    questions queue queued queues quick quiesce quiet quietly quit quorum quota quotas quote quoted quotes quoting ra race radius radix
    raft raise raised raising ram ran random randomly range ranges rate ratelimit rather ratio raw rbl rc re reach reached reaching read
    readable reader readers readiness reading readlink readonly reads ready real really realm reason reasons reassign rebalance
    rebalanced rebalancing reboot rebooted rebooting rebuild receive received receiver receives receiving recent recently recipient
    recipients recognised recognize recognized recommended recompile reconcile reconciled reconciler reconnect reconnected reconnecting
    reconnection record recorded recording records recover recoverable recovered recovering recovery recreate recursion recursive
    recursively recv recycled red redefine redefinition redelivered redelivery redirect redirected redirecting redirection redirects
    redistribute redo reduce reduced reducing redundant reentrant ref refer reference referenced references referencing referred refers
    reflect refresh refreshed refreshing refs refund refused refuses refusing reg regardless regex regexp region regions register
    registered registering registers registration registry regular reindex reindexed reindexing reinstalled reject rejected rejecting
    rejection rejects rel related relation relations relationship relationships relative relax relay relayed relaying release released
    releases releasing relevant reliably relies reload reloading reloc relocatable relocate relocation relocations relocs rely remain
    remainder remaining remains remember remote removal remove removed removes removing rename renamed renaming render rendered renderer
    rendering renegotiation renew renewal renewed reopen reorder rep repeat repeatable repeated repeats repetition replace replaced
    replacement replacements replacing replay replayed replica replicas replicaset replicate replicated replicating replication replied
    reply replying report reported reporting reports repositories repository represent representable representation represented
    reproduce republic request requested requesting requests require required requirement requirements requires requiring reschedule
    rescheduled reserve reserved reset resetting resize resolution resolvable resolve resolved resolver resolves resolving resource
    resources respectively responded responding responds response responses responsible responsive rest restart restarted restarting
    restarts restore restored restoring restrict restricted restriction restrictions resubmit result resulted resulting results resume
    resumed resuming resync retain retained retention retried retries retrieval retrieve retrieved retrieving retry retryable retrying
    return returned returning returns reusable reuse reused rev revalidation revealed reversal reverse reversed reversible revert
    reverted reverting revision revocation revoke revoked rewind rewinding rewrite rewriting rewritten rfc rgb right rights risk rm rn
    role roles roll rollback rollbacks rolled rolling rollout room root rotate rotated rotation round rounded rounding route routed
    router routes routine routing row rows rpc rr rsa rule rules run runnable runner running runs runtime rw rx sa safe safeguard safely
    saint salt same sami saml sample samples sampling san sandbox sanity sans sasl satisfied satisfy saturated saturation save saved
    savepoint saving saw say says scalar scalars scale scaled scaling scan scanned scanner scanning schedule scheduled scheduler
    scheduling schema schemas scheme scope score scrape scraping scratch screen script scripts scroll sdist sdk sealed search searched
    searches searching sec second secondary seconds secret secrets secs section sections secure secured security see seed seeded seek
    seekable seeking seem seems seen segfault segment segmentation segments select selected selecting selection selections selector
    selectors selects self selinux semantic semaphore semicolon send sender senders sending sense sensitive sent sentinel separate
    separated separately separator separators seq sequence sequences sequential serbian serial serializable serialization serialize
    serialized serializer series serious served server servers service serviceable serviced services serving session sessions set
    setlocale sets setter setting settings settled settlement setuid setup several severe severed severity sh sha shadowed shall shape
    shapes shard shards share shareable shared sharing shebang shed shedding shell shells shift shim shipped short shortage shortcut
    shorter shorthand should show showing shown shows shrink shut shutdown shutting sid side sidecar sides sids sig sighup sigint
    sigkill sign signal signaled signalled signals signature signatures signed signer significant signing signs sigterm silence silent
    silently similar similarity simple simply simultaneous simultaneously since single singular sink site situation size sizeof sizes
    skew skewed skip skipped skipping sla slash slashes slated sleep sleeping slice slices slot slots slow slowdown slowed slower small
    smaller smart smashing smtp snapshot snapshots sni so socket sockets socks soft software solaris some something somewhere soname
    soon sorbian sorry sort sorted sorting sorts sound source sources south southern sp space spaces spam span sparse spawn spawned spec
    special specially specific specifically specification specifications specified specifier specifiers specifiersets specifies specify
    specifying speed spent spf spi spike spill spilled spinner split splitting spoofed sql sqlite sqlstate square src ss ssl sslcontext
    sso stable stack stackoverflow stacktrace stage staging stale stall stalled stalls stamp stand standalone standard standby star
    start started starting starts startup starvation starved stat state stateful statefulset statement statements states static
    statistics stats status stay std stderr stdin stdout step steps sticky still stop stopped stopping stops storage store stored stores
    storing storm str stranded strategies strategy stray stream streamed streaming streams strftime strict strictly stride string
    strings strip stripped strong strongly struct structure structures stub stuck stuff style styles sub subclass subclassed subclasses
    subclassing subcommand subcommands subdirectories subdirectory subject submit subpath subprocess subquery subscribe subscribed
    subscriber subscribers subscript subscriptable subscripted subscription subscriptions subscripts subsequent subsequently subset
    substitute substituted substituting substitution substring subsystem subtract subtype succeed succeeded success successful
    successfully successive such suddenly sufficient suffix suffixes suggested suggestion suitable suite sum summarize summary sun
    sunday super superseded superuser supervisor supplied supply supplying support supported supporting supports supposed suppress
    suppressed suppressing sure surge surrogate suspend suspended suspending suspicious swap swapped swapping switch switched switching
    sym symbol symbolic symbols symlink symlinks sync synced synchronization synchronize synchronized synchronizing synchronous syncing
    synonym synonyms syntax sys system systems sysv tab table tables tablespace tablespaces tabs tag tagged tags tail taint tainted
    taints take taken takes taking tampered tar target targets task taskflow taskinstance tasks tcl tcp team teardown tell temp template
    templates temporarily temporary tenant tenants term terminal terminals terminate terminated terminates terminating termination
    terminator terms ternary test tested testing tests text textual than that the their them theme themselves then there therefore these
    they third this those though thread threading threads three threshold threw throttle throttled throttles throttling through
    throughput throw thrown thumb thus ti ticket ticks tid tiff tilde time timed timedelta timeline timeout timeouts timer times
    timestamp timestamps timetable timezone timing tip title tls tmp to toast toc todo together toggle token tokens tolerated toleration
    tolerations tombstone toml tonga too took tool tools top topic topics toplevel topology tostring total touch trace traceback tracing
    track tracked tracker tracking traditional traffic trailer trailers trailing transaction transactional transactions transform
    transformation transforming transient transit transition transitions translate translated translation translator transmit
    transmitted transparency transport trap traversal traverse treat treated treating treats tree trees tried tries trigger triggered
    triggerer triggering triggers trim trimmed tripped trouble true truncate truncated truncating truncation trust trusted truststore
    truth try trying ttl tty tunnel tuple tuples turn turned turns twice two type typed typeddict typeerror types typically typing tz
    tzinfo udp uid umask un unable unacceptable unacked unacknowledged unaligned unary unassigned unauthenticated unauthorised
    unauthorized unavailable unbalanced unbind unbound unbuffered uncaught unchanged unclosed uncommitted uncompressed unconditional
    unconfigured uncorrectable undeclared undefined undeliverable under underflow underlying underprovisioned underrun underscore
    underscores understand understood undo undocumented unequal unescaped unexpected unexpectedly unfinished unhandled unhealthy unicode
    unified unimplemented unindent uninitialized union unique uniqueness unit units universal unix unknown unless unlimited unlink
    unload unloaded unlock unlocked unlogged unmanaged unmap unmapped unmarshal unmarshaling unmarshalling unmatched unmet unmodified
    unmount unmounted unnamed unnecessary unordered unpack unpacked unpacking unparsed unplugged unprintable unprocessable unprocessed
    unqualified unquoted unreachable unreadable unrecognised unrecognized unrecoverable unregister unregistered unresolvable unresolved
    unresponsive unroutable unsafe unschedulable unsealed unset unsigned unspecified unstable unsubscribe unsuccessful unsupported
    unterminated until untolerated untrusted unusable unused unverified unwind unwrap unwrapped unwrapping up update updated updates
    updating upgrade upgraded upgrades upgrading uplink upload upon upper uppercase upsert upserts upstream upstreams uptime urgent uri
    uris url urls us usable usage usages use used useful useless user username usernames uses using usual usually utc utf utilities
    utility utilization uuid vacuum val valid validate validated validating validation validator validators validity value valued values
    var variable variables variadic variant variants various vars vector vectors vendor ver verbose verbosity verdict verification
    verified verifier verify verifying version versioning versions vertical very vfp via vice victim victims video view views violate
    violated violates violating violation violations virtual visibility visible visited visitor visual vm vms void volatile volume
    volumes volunteer vote voted votes voting vs wait waited waiter waiters waiting waits wakeup wal want wanted warm warmup warn
    warning warnings warranty was watch watchdog watcher watermark watermarks way ways we weak web webhook websocket week weekday weeks
    weight weighted weights welcome well went were western what wheel when whence whenever where whether which while whilst white
    whitespace who whole whose wide widget width widths wildcard wildcards will win window windows wiped wire wish with within without
    word words work workaround worker workers working workload workloads works world would wrap wrapped wrapper wrappers wrapping
    writable write writeable writer writes writing written wrong wrongly wrote wthe xbm xid xml xor xpath xx xz yaml year years yes yet
    yield yielded yields you your ythe yyyy zcannot zealand zero zeroes zeros zip zlib zombie zone zstandard zstd zthe
    """
)
