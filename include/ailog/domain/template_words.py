"""The vocabulary of error prose: words that programs use to say what went wrong.

A word of this list is constant text wherever a sentence allows it; a word outside it is taken for a name. The list was counted,
not chosen: words that occur in the messages of several independent programs (Python libraries, GNU tools, the JDK, PostgreSQL,
systemd), and the vocabulary of operating services added to it. Names of products, people and business objects are not in it.
Changing the list changes fingerprints, so it belongs to the algorithm version.
"""

from __future__ import annotations

from typing import Final

VOCABULARY: Final = frozenset(
    """
abandoned abbreviation abend abi able abnormal abnormally abort aborted aborting aborts about above absent absolute absolutely abstract
acannot accept acceptable accepted accepting accepts access accessed accessible accessing accessor according ack acknowledge
acknowledged acknowledgement acks acl acls acquire acquired across action actions activated active actual actually add added adding
additional addr address addressed addresses addressing adjacent adjust adjusted admin administrative administrator admissible admission
advance affect affected affects affinity after again against age agent aggregate aggregation ago ahead al alarm alert alerts algorithm
algorithms alias aliases align aligned alignment alive all alloc allocate allocated allocating allocation allocator allow allowed allows
alone along alpha alphabet alphanumeric already also alt alter alternate alternative alternatively altname always am ambiguous among an
analysis analyze analyzing ancestor anchor and annotated annotation annotations anonymous another answer anti any anymore anything
anyway api apis apiserver app appear appeared appears append appended appending applicable application applied applies apply applying
appropriate approval approve approved arbiter arbitrary arch architecture architectures archive archived archiver archives are area arg
args argument arguments arithmetic arm around array arrays arrow artifact as ascii ask assertion asset assign assigned assigning
assignment associated assume assumed assuming async asynchronous at atomic attach attached attempt attempted attempting attempts attr
attribute attributes attribution audience audit auth authenticate authenticated authentication author authorised authorities authority
authorization authorize authorized auto autocommit automatic automatically auxiliary availability available average avoid avro aware
away back backend backends background backing backlog backoff backpressure backslash backup backward backwards bad badly balancer
bandwidth banned bare base based bases basic basis batch be bean beans because become been before begin beginning begins behavior
behaviour behind being belong belongs below best better between beyond big binaries binary bind binding bit bitmap bits blacklist
blacklisted blank blob block blocked blocking blocklist blocks bodies body bogus bom bool boolean bootstrap border both bottleneck
bottom bounced bound boundaries boundary bounded bounds brace bracket brackets branch break breaker breakpoint breaks broadcast broken
broker brokers browser bsd bucket buckets buffer buffered buffering buffers bug buggy bugs build builder building builds built builtin
bulk bundle burst bursting busy but by byte bytearray bytecode bytes ca cache cached caches calculate calculated calculating calendar
call callable callback called caller calling calls can cancel canceled cancellation cancelled candidate candidates cannot canonical
capabilities capacity capped capture card cardinality care carriage cascade case cases cast catalog catalogs catch categories category
caught cause caused causes cd ceiling cell central cert certain certfile certificate certificates certification cgroup chain challenge
change changed changes changing channel channels char character characters chars charset check checked checking checkpoint checks
checksum checksums child children chmod choice choices choose chosen chunk chunked chunking chunks chunksize cipher circuit circular
claim claims clash class classes classloader classname classpath clause clauses clean cleaned cleaner cleaning cleanup clear cleared
clearing cli client clients clock clone close closed closing closure cls cluster clustered cmd coalesce code codec codes cold collation
collect collection collector collides collision colon color colors column columns combination combine combined combining come comes
comma command commands comment comments commit commits committed committing common communication compact compaction compare compared
comparing comparison compatibility compatible compensation compilation compile compiled compiler compiling complete completed completely
completes completion complex compliant component components composed composite compound compress compressed compression compressor
compute computed computing concatenate concrete concurrency concurrent concurrently condition conditional conditions conf config configs
configuration configurations configure configured configuring conflict conflicting conflicts congested congestion connect connected
connecting connection connections consensus consider considered consist consistency consistent console const constant constants
constraint constraints construct constructed constructing construction constructor consult consumed consumers contact contain contained
container containers containing contains contended content contention contents context contexts contiguous continuation continue
continuing control controller controllers controlling controls convention conversion conversions convert converted converter converting
cookie cookies cooldown coordinates coordinator copied copies copy copying copyright cordoned core coredump coroutine correct correctly
corresponding corrupt corrupted corruption cors cost could count counter counts covered cpu cr crash crashed crashes crashing crashloop
crc create created creates creating creation credential credentials criteria critical crl cron cross cryptography csrf css ctrl
cumulative current currently cursor cursors curve custom cycle cycles cyclic daemon daemonset dangling dash dashes data database
databases datacenter dataclass datadir dataset datatype date dates datetime datetimes day days db dbname de dead deadletter deadline
deadlock deadlocked deadlocks debian debounce debug debugger debugging decimal declaration declarations declare declared declares
decline declined decode decoded decoder decoding decommission decommissioned decompress decompression decorated decorator decreasing
decrypt decrypted decryption deduplication deep def default defaulting defaults defective deferrable deferred define defined defines
defining definition definitions degradation degraded delay delayed delays delete deleted deletes deleting deletion delimited delimiter
deliver delivered deliveries delivery delta demoted denied depend dependencies dependency dependent depending depends deploy deployed
deploying deployment deployments deprecated depth dequeue der dereference derive derived describe describing description descriptions
descriptor descriptors deserialization deserialize deserializer deserializing desired desktop dest destination destroy destroyed detach
detached detail detailed details detect detected detection determine determined development device devices df dh diagnostic diagnostics
dial dialect dialed dialing dialog dict dictionaries dictionary dicts did die died dies diff differ difference differences different
differs digest digit digits dimension dimensions dir direct direction directive directives directly directories directory dirty disable
disabled disables disabling disallow disallowed disappeared disc discard discarded discarding disconnect disconnected disconnecting
disconnection disconnects discovered discovery disk disks dispatch dispatched dispatcher display displayed displaying displays disrupted
disruption distance distinct distribution distutils divide division dkim dll dmarc dn dns do doc docs docstring document documentation
documented documents does doing domain domains done dot dotted double doubled down downgrade download downstream dp drain drained
draining drawing drift drive driver drop dropped dropping drops dsa dst dt dtype due dump dumped dumping dumps dup duplicate duplicated
duplicates duration during dwarf dynamic dynamically each eager earlier early ec echo edge edit editing editor effect effective either
elapsed elected election element elements elf eligible ellipsis else embedded emergency emit emitted emptied empty emulation enable
enabled enables enabling enclosing encode encoded encoding encodings encountered encrypt encrypted encrypting encryption end ended
endian endianness ending endpoint ends enforce engine enough enqueue enqueued ensure enter entered entering entire entirely entities
entitled entitlement entity entries entry entrypoint enum env environment eof eol ephemeral epoch equal equality equals equivalent err
errno error errored errors es escape escaped escapes essential establish established estimated etc eval evaluate evaluated evaluating
evaluation even event events every everything evict evicted evicting eviction exact exactly examine examples exceed exceeded exceeding
exceeds except exception exceptionally exceptions excess excessive exchange exchanges exclude excluded excluding exclusive exclusively
exec executable execute executed executing execution executor exhaust exhausted exhausting exhaustion exist existence existing exists
exit exited exiting exits exp expand expanded expanding expansion expect expected expecting expects expensive experimental expiration
expire expired expires expiring expiry explain explanation explicit explicitly exponent export exported expose exposed expr expression
expressions ext extend extended extends extension extensions extent external extra extract extracted extracting extraction extraneous
factor factory fail failed failing fails failure failures fall fallback falling false families family far fast fatal fault faulted
faults faulty favor fd feature features feed feedback fence fenced fencing fetch fetched fetcher fetching few fewer field fieldname
fields figure file filename filenames files filesystem fill filled filter filters final finalize finalizer finalizers finally find
finding fingerprint fingerprints finish finished finishing finite firewall first fit five fix fixed fixing flag flags flapping flat
float floating flood flooded flow flush flushed flushing fmt folder follow followed follower followers following follows font fonts
footer for forbidden force forced forcing foreground foreign forget fork form format formats formatted formatter formatting formed forms
forward forwarded forwarding found foundation four fp fraction fractional fragment fragmentation frame frames free freed freeing freeze
frequency from frozen fstat fsync ftp full fully func function functionality functions funds further future gap garbage gateway gateways
gave gb gc general generally generate generated generates generating generation generator generic get getaddrinfo getting gid give given
gives giving glob global globally gnu go going gone good goroutine goroutines got gpl graceful gracefully granted graph greater greeting
greylist greylisted group grouped grouping groups grow grpc gssapi gtk guaranteed guarded guessed guest gzip had half halted halting
hand handle handled handler handlers handles handling handoff handshake hangup happen happened happens hard hardware has hash hashes
hashing have having head header headers heading healthcheck healthy heap heartbeat heartbeats height held helo help here hex hexadecimal
hh hide hierarchy high higher highlight hint hints histogram history hit hits hold holder holding hole home hook hooks hop hops
horizontal host hostname hostnames hosts hotspot hour hours how however html http https human hung hypervisor hyphen hyphens icon icu id
idempotence idempotent ident identical identification identified identifier identifiers identify identity idle idna ids if ignore
ignored ignores ignoring illegal image images imbalance immediate immediately imminent immutable impersonate implement implementation
implemented implicit implicitly implied implies import important imported importing importlib imports impossible improper in
inaccessible inaccurate inactive inappropriate inbound inc include included includes including inclusive incoming incompatible
incomplete inconsistent incorrect incorrectly increase increasing increment incremental indent indentation independent index indexed
indexer indexes indexing indicate indicated indicates indication indicator indices indirect individual ineligible inf infer inference
inferred infinite infinity info information ingest ingested ingestion ingress inherit inheritance inherited init initial initialization
initialize initialized initializer initializing initially initiate injected injection inline inner inode inodes input inputs insecure
insensitive insert inserted inserting insertion inside inspect install installation installed installing instance instances instantiate
instantiated instead instruction instructions instrument insufficient int integer integers integrity intended interactive interface
intermediate internal internet interpret interpretation interpreted interpreter interrupt interrupted interruption interrupts intersect
interval intervals into introspection invalid invalidated invocation invoke invoked involved involving io ip ipc is isinstance islands
iso isolation isr issubclass issue issued issuer issues issuing it item items iterable iterate iteration iterations iterator its itself
jail jar jdk job jobs join joined joining joins journal json jump junk just jvm kb keep keepalive keeping kerberos kernel key keyboard
keys keyspace keystore keyword keywords kill killed killing kind kinds know known kwarg kwargs label labels lack lacks lag lagged
lagging lambda language languages large larger last latency later latest law layer layout lazy lb lcannot ld ldap lead leader leaders
leadership leading leaf leak leaked leaking leap lease leases least leave leaving left legacy legal len length lengths less let letter
letters level levels lib libraries library license like likely limit limited limits line linear lines link linked linker linking links
linux list listed listen listener listeners listening listing lists literal literals little live liveness load loadable loaded loader
loaders loading loc local locale locales locally locate located location locations lock locked locking lockout locks log logged logger
logging logic logical login logs long longer look looking looks lookup lookups loop loopback looping loss lost lot low lower lowercase
lsn lzma mac machine macos macro made magic mailbox main maintenance major make makes making malformed malicious man managed management
manager mandatory manifest manipulate manual manually many map mapped mapper mapping mappings maps mark marked marker markers marking
marks marshal marshalling mask master match matched matcher matches matching math max maximum may maybe mb me mean meaning meaningless
means meant mechanism media member members memory memtable menu merge merged merging message messages meta metadata method methods
metric middle might migrate migrated migration milliseconds mime min minimal minimum minor minute minutes misbehaving misconfiguration
misconfigured mismatch mismatched misplaced misrouted missed misses missing mitigation mix mixed mixing mm mmap mod mode model models
modes modification modifications modified modifier modifiers modify modifying module modules monitor month months more most mount
mounted mounting mounts move moved moving ms mtime much multi multibyte multipart multiple multiply must mutable mutex mutually my nack
nacked naive name named names namespace namespaces nan nanoseconds native near nearest necessary need needed needs negative negotiate
negotiated negotiation neighbor neighbour neither nest nested nesting network never new newer newest newline newlines newly next nil no
node nodes non nonblocking nonce none nonempty nonexistent nonzero nor normal normalization normalized normally not notation note notes
nothing notice notification notifications notified notify notifying notready now nul null nullable num number numbered numbering numbers
numeric numerical oauth obj object objects obsolete obtain obtained occur occured occurred occurrence occurs octal octet odd of off
offline offset offsets oid oidc oids ok old older oldest omit omitted on once one ones online only oom op opcode open opened opening
openssl operand operands operate operating operation operational operations operator operators oplog opt optimal optimistic optimization
optimize option optional optionally options or ordered ordering ordinal org origin original orphan orphaned os other others otherwise
our out outage outbound outdated outer outgoing output outside over overall overcommit overdue overflow overflowed overflows overlap
overlapping overlaps overload overloaded overridden override overrides overriding oversized overwhelmed overwrite overwriting
overwritten own owned owner ownership owning package packaged packages packaging packed packet pad padding page pages pair pairs panic
paniced panicked panicking parallel param parameter parameters params paramspec parent parentheses parenthesis parse parsed parser
parsers parsing part partial partially particular partition partitioned partitioning partitions parts pass passed passing passphrase
password passwords past patch path pathname paths pattern patterns pause paused pausing payload pc peer peers pem pending people pep per
percent percentage perform performance performed performing perhaps period perl permanent permanently permission permissions permit
permits permitted persistent persistentvolumeclaims pessimistic phase phrase physical pickled pid pin pinned pinning pip pipe piped
pipeline pkg place placed placeholder placeholders plain plan platform platforms please plugin plugins plus pod pods point pointer
pointers pointing points poison poisoned policies policy poll polled polling pool pooled pools pop port portable portal pos position
positional positions positive posix possibilities possible possibly post postfix postponed potential power pre precede preceded
precedence precedes preceding precise precision predicate preempt preempted preemptible preemption prefer preference preferred prefix
prefixed prefixes premature prematurely prepare prepared preparing present presented preserve preserving press pressure prev prevent
prevents preview previous previously primary prime principal print printable printed printing prints prior priority private privilege
privileges probably probe probes problem problems proc procedure proceed proceeding process processed processes processing processor
processors produce produced producer producers production profile profiling program programs progress prohibited project promoted
promotion prompt propagate propagation proper properly properties property proposed protected protection protocol protocols provide
provided provider providers provides providing provision provisioned provisioner provisioning proxy pruning pseudo public publication
publish published publisher publishing punctuation pure purge purged purging purpose push put pyproject qualified quarantine quarantined
queries query querying queue queues quick quiesce quiet quit quorum quota quotas quote quoted quotes race raft raise raised raising ram
random randomly range ranges rate ratelimit rather ratio raw rbl re reach reached read readable reader readiness reading readonly reads
ready real really realm reason reasons reassign rebalance rebalanced rebalancing reboot rebooted rebooting rebuild receive received
receiver receiving recent recently recipient recipients recognised recognize recognized recommended recompile reconcile reconciled
reconciler reconnect reconnected reconnecting reconnection record recorded recording records recover recoverable recovered recovering
recovery recreate recursion recursive recursively recv recycled redefine redefinition redelivered redelivery redirect redirected
redirecting redirection redistribute redo reduce redundant reentrant ref refer reference referenced references referencing referred
refers refresh refreshed refreshing refund refused refuses refusing reg regex regexp region register registered registering registers
registration registry regular reindex reject rejected rejecting rejection rejects rel related relation relations relationships relative
relax relay relayed relaying release released releases relevant reload reloading reloc relocatable relocation relocations rely remain
remaining remote removal remove removed removes removing rename renamed renaming render rendered rendering renegotiation renew renewal
renewed reopen repeat repeated replace replaced replacement replacing replay replica replicas replicaset replicate replicated
replicating replication reply report reported reporting reports repository represent representable representation represented request
requested requesting requests require required requirement requirements requires reschedule rescheduled reserve reserved reset resetting
resize resolution resolve resolved resolver resolving resource resources respectively responded responding responds response responsive
rest restart restarted restarting restarts restore restored restoring restrict restricted restriction restrictions resubmit result
resulted resulting results resume resumed resuming resync retained retention retries retrieval retrieve retrieved retrieving retry
retrying return returned returning returns reuse reused revalidation reversal reverse reversed revert reverted revision revocation
revoke revoked rewind rewrite rewriting rfc right rm role roles roll rollback rollbacks rolled rolling rollout room root rotate rotated
rotation round route routed router routes routine routing row rows rsa rule rules run runnable running runs runtime safe safeguard
safely salt same saml sample samples sampling sandbox satisfy saturated saturation save saved savepoint saving saw says scalar scale
scaled scaling scan scanner scanning schedule scheduled scheduler scheduling schema schemas scheme scope score scrape scraping screen
script scripts scroll sealed search searched searching sec second secondary seconds secret secrets secs section sections secure secured
security see seed seeded seek seeking seem seems seen segfault segment segmentation segments select selected selecting selection
selector selectors self selinux semaphore semicolon send sender senders sending sense sensitive sent sentinel separate separated
separator separators seq sequence sequences serial serializable serialization serialize serialized serializer series server servers
service serviceable serviced services serving session sessions set sets setting settings settled settlement setup several severe severed
severity shape shard shards share shared shed shedding shell shift shipped short shortage shortcut shorter should show showing shown
shut shutdown shutting side sidecar sig sigint sign signal signaled signalled signals signature signatures signed signer signing silent
silently similar simple simply simultaneously since single site size sizeof sizes skew skewed skip skipped skipping slash slashes
sleeping slice slices slot slots slow slowdown slowed slower small smaller smart smtp snapshot snapshots so socket sockets socks soft
software some something soon sorry sort sorted sorting sorts source sources sp space spaces spam span spec special specific specifically
specification specifications specified specifier specifiers specifies specify specifying speed spf spike spill spilled split splitting
spoofed sql sqlite square src ssl sslcontext sso stack stackoverflow staging stale stall stalled stalls stamp stand standalone standard
standby start started starting starts startup starvation starved stat state stateful statefulset statement statements states static
statistics stats status stderr stdin stdout step still stop stopped stopping storage store stored storing storm str stranded strategies
strategy stray stream streamed streaming streams strict strictly stride string strings strip strong struct structure structures stub
stuck style styles sub subclass subclasses subcommand subdirectories subdirectory subject subpath subprocess subscribe subscribed
subscriber subscribers subscript subscripted subscription subscriptions subscripts subsequent subset substituting substitution substring
subtype succeed succeeded success successful successfully such sufficient suffix suffixes suggested suitable suite sum summary sun super
superuser supplied supply support supported supports supposed suppress suppressed sure surrogate suspend suspended suspending suspicious
swap swapped swapping switch switching symbol symbolic symbols symlink symlinks sync synced synchronization synchronize synchronized
synchronizing synchronous syncing synonym syntax sys system systems tab table tables tablespace tag tags tail taint tainted taints take
taken takes taking tampered tar target targets task tasks tcp team teardown tell temp template templates temporarily temporary tenant
tenants term terminal terminate terminated terminating termination terminator terms test testing tests text textual than that the their
them theme then there therefore these they third this those though thread threads three threshold threw throttle throttled throttles
throttling through throughput throw thrown thumb ti ticket time timed timedelta timeline timeout timeouts timer times timestamp
timestamps timezone timing title tls tmp to toast toc todo together toggle token tokens tolerated toleration tolerations tombstone toml
too took tool top topic topics topology total touch trace traceback tracing track tracker traditional traffic trailer trailing
transaction transactional transactions transform transient transit transition translate translated translation transmit transmitted
transport trap traversal traverse treat treated treating tree tried tries trigger triggered triggering triggers trim tripped trouble
true truncate truncated truncating truncation trust trusted truststore try trying tty tunnel tuple tuples turn turned turns twice two
type typed typeddict types typing tz udp uid un unable unacceptable unacked unacknowledged unaligned unary unassigned unauthenticated
unauthorised unauthorized unavailable unbalanced unbound unbuffered uncaught unchanged unclosed uncommitted uncompressed uncorrectable
undefined undeliverable under underflow underlying underprovisioned underrun underscore underscores understand understood undo unequal
unexpected unexpectedly unfinished unhandled unhealthy unicode unimplemented uninitialized union unique unit units universal unix
unknown unless unlimited unlink unlock unlocked unmanaged unmarshal unmarshaling unmarshalling unmatched unmet unmount unmounted unnamed
unnecessary unpack unpacking unparsed unplugged unprocessable unprocessed unquoted unreachable unreadable unrecognised unrecognized
unrecoverable unregistered unresolvable unresolved unresponsive unroutable unsafe unschedulable unsealed unset unsigned unspecified
unstable unsubscribe unsuccessful unsupported unterminated until untolerated untrusted unusable unused unverified up update updated
updates updating upgrade upgraded upgrading uplink upon upper upserts upstream upstreams uptime uri uris url urls us usable usage use
used useful user username uses using usual usually utc utf utility utilization uuid vacuum val valid validate validated validation
validator value values var variable variables variant variants various vector vectors vendor verbose verbosity verdict verification
verified verify verifying version versions vertical very via victim victims view views violate violated violates violating violation
violations virtual visibility visible visual vm volume volumes volunteer vote voted votes voting vs wait waited waiter waiters waiting
waits wakeup wal want wanted warm warmup warn warning warnings warranty was watch watchdog watcher watermark watermarks way ways we weak
web webhook week weekday weight weights well were what wheel when whence where whether which while white whitespace who whole whose wide
width wildcard wildcards will window windows wish with within without word words work workaround worker workers working workload
workloads works world would wrap wrapped wrapper wrappers wrapping writable write writer writes writing written wrong wrongly wrote xid
xml xpath yaml year years yes yet yield yielded you your zero zeros zip zlib zombie zone zstd
""".split()
)
