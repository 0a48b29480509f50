"""Word classes that the templates are built with, apart from the big vocabulary in ``template_words``.

Changing a set changes fingerprints: raise ``fingerprint.ALGORITHM_VERSION`` with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from ailog.domain.template_words import VOCABULARY, word_set

UNITS: Final = word_set(
    """
    b bit bits bps byte bytes d day days gb gbps ghz gi gib h hour hours hr hrs hz k kb kbps khz ki kib m mb mbps mhz mi mib millis
    millisecond milliseconds min mins minute minutes ms ns nanos nanoseconds ti tb tib g t s sec second seconds secs us µs μs
    microseconds percent pages kbytes mbytes am pm utc gmt cet cest est edt pst pdt bst cst cdt mst mdt jst ist z
    """
)

FAULT_KEYS: Final = word_set(
    """
    err errno error errors errorcode error_code errormessage error_message code reason status statuscode status_code state result cause
    exception fault level severity type kind op operation method phase mode title message msg detail details description failure desc
    description err_msg errmsg error_description faultactor cause caused fault_code faultcode faultstring signal sqlstate errortype abend
    error_type errorclass problem category action rc errorno error_no errornumber error_number
    """
)
"""Keys whose value says which fault it is."""

DATA_KEYS: Final = word_set("state type kind op operation method phase mode level severity action title status result category")
"""Keys of a payload that tell the fault only where their value speaks of one."""

ARGUED: Final = word_set("missing got takes expected argument requires")
"""What a program says of a call that was made wrongly."""

NOTHING: Final = word_set("null none nil undefined unset nan anonymous unknown localhost")
"""Words that stand where a value is missing."""

OBJECTS: Final = word_set(
    """
    table column schema sequence relation index view function procedure constraint role user database db topic queue exchange bucket
    volume secret configmap pod container node host server service deployment namespace file directory folder module package class bean
    field property parameter variable attribute group tenant cluster channel stream job task process thread broker customer account
    tablespace trigger domain collection keyspace vhost realm client principal subject repository image tag branch ref label chart
    release unit device disk interface mount plugin extension library resource component consumer producer member partition replica
    shard statefulset daemonset ingress key object item entity model form template query operation method route endpoint upstream
    backend peer program command name username network proxy project artifact currency source datasource country language locale product
    invoice event feature webhook provider vendor merchant option flag setting argument element symbol identifier alias scope permission
    policy rule zone region profile workspace project pipeline stage step workflow activity worker executor listener handler cursor
    index_name topic_name zip owner named called quota application
    """
)
"""Kinds of things that have names: a bare word after one of them is a name, where the sentence goes on or ends as it would after a name."""

GOVERNORS: Final = word_set(
    """
    for of on in to from with by at named called using via against into named the a an no unknown undefined invalid missing duplicate
    unsupported such each
    """
)

PREDICATES: Final = word_set(
    """
    is was were are has had have does did do not cannot can could must already will would should may isn't wasn't doesn't didn't hasn't
    can't couldn't won't exceeds exceeded exists requires failed fails refers contains violates
    """
)

FUNCTION_WORDS: Final = word_set(
    """
    a about above after again all already also an and another any are as at be because been before being below between both but by can
    cannot could did do does doing done down due during each either else even every exactly few for from further had has have he her
    here his how if in instead into is it its itself just last least less like may maybe me might more most must my neither never next
    no nor not now of off on once one only onto or other our out over own per please same several shall she should since so some soon
    still such than that the their them then there therefore these they this those though through thus to together too under unless
    until up upon us use used very via was we were what when where whether which while who whole why will with within without would yet
    you your
    """
)

OUTCOMES: Final = word_set(
    """
    aborted absent accepted alive available bad broken busy canceled cancelled closed closing connected corrupt corrupted crashed dead
    degraded denied died disabled disconnected down duplicate empty enabled error errors exceeded exhausted exited expired fail failed
    failing fails failure fatal forbidden found full gone healthy idle illegal inactive incomplete inconsistent incorrect insufficient
    interrupted invalid killed leaked lost locked malformed mismatch missing null offline ok online open overflow overloaded panic
    paused pending present ready refused rejected reset restarted restarting revoked running stale started stopped stuck succeeded
    success suspended terminated throttled timeout timed truncated unable unauthorized unavailable undefined unexpected unhealthy
    unknown unlocked unreachable unresponsive unsupported up valid warning wrong exception undefined unreadable limit quota
    """
)

COMPOUNDS: Final = word_set(
    """
    name names id ids identifier number count size length limit quota space system descriptor descriptors pool account key keys value
    values version state status type handle path list set lock locks metadata entry entries record records row rows line reference error
    errors failure timeout connection connections session request response message messages definition declaration file files table
    directory server service constraint index privileges permission permissions access cache configuration config certificate group
    member members manager controller factory handler listener provider registry store storage memory usage policy rule rules operation
    token credentials password mapping template level mode scan update lookup creation deletion name's cluster node instance instances
    process thread threads
    """
)
"""Second halves of compound nouns ("file system", "user account"): not names."""

ACTIONS: Final = word_set(
    """
    access backup boot check cleanup close commit connect copy create delete deploy discovery download export fetch flush get import
    init insert install join launch load lock login logout lookup merge open poll post probe publish pull push put query read recovery
    refresh release reload remove rename replay request reset restart restore retry rollback rollout save scan search send setup
    shutdown start startup stop submit subscribe switch sync transfer unlock update upgrade upload upsert use verify wait write input
    output body header heap stack state
    """
)
"""Second halves that say what was being done ("file upload"): not names."""
ACTION_ENDINGS: Final = ("tion", "sion", "ment", "ing", "ance", "ence", "ity", "ship", "ness", "al", "ure", "age", "out", "back", "ed")

PREPOSITIONS: Final = word_set("for from by via at into against on onto to of in with using as")

THINGS: Final = word_set(
    """
    memory disk space heap stack socket sockets stream streams connection connections channel session transaction transactions statement
    query request requests response message messages header headers body buffer cache queue lock locks file files directory path
    descriptor descriptors handle handles thread threads process processes network host hosts server servers client clients peer peers
    proxy upstream backend broker brokers leader follower replica replicas quorum cluster coordinator slave partition partitions index
    table schema database databases row rows column columns key keys value values field fields type types certificate certificates token
    tokens credential credentials password secret signature ticket license permission permissions access authority input output stdin
    stdout stderr time date clock range bounds size limit limits length format encoding charset syntax version protocol handshake
    startup progress use flight part error errors failure failures exception exceptions reason cause details detail information info
    documentation help configuration source destination target remote daemon kernel module driver device port address addresses url dns
    record records metadata result results object objects item user account accounts sender recipient consumer producer subscriber
    member node nodes pod container volume image storage filesystem filesystems swap cpu load rate quota capacity pool context parameter
    parameters argument arguments property method function class loop retry retries attempt attempts bytes tasks job jobs order sequence
    default least most now again once all any each one first last next other others first-time purpose behalf demand advance addition
    fact general particular total average turn place effect sync short doubt mind question header tls ssl tcp udp http https ip
    """
)
"""What errors are about: never taken for a name after a preposition or before a verb."""

NAMELIKE: Final = word_set(
    """
    root web deploy reporting manager users data card admin main core docs report reports events metrics statements batch public private
    master primary auth catalog frontend gateway app apps apis test tests staging production archive uploads images settings secrets
    logs tmp temp home guest operator worker scheduler monitor audit document documents notification notifications profile identity
    items run id name names backup config feature central total static api
    """
)
"""Words of the vocabulary that are mostly names when a name can stand there."""

FOLLOWERS: Final = PREPOSITIONS | word_set("after before within since until during because due port when while and or over")
"""What goes on after a name."""

UNDERTAKINGS: Final = word_set("job task step pipeline workflow stage dag playbook")
"""What is run and bears the name of what it does."""

STATES: Final = word_set("is was are were has had does must cannot can't isn't wasn't doesn't hasn't may should will already")
"""Verbs after which a sentence says what its subject is or lacks."""

PROGRAM_STATES: Final = word_set("defined iterable callable subscriptable hashable a an")
"""What a name in a program is said not to be."""

TRANSFERS: Final = word_set("upload download copy move rename import export load access fetch delete open send publish forward deliver")
"""Verbs whose object is a name, where one word stands behind them."""

CALLS_FAIL: Final = word_set("failed fails error returned to threw threw: for in timed on with")
"""What follows a system call that failed (``connect() failed``): the call is the fault's own."""

PEOPLE: Final = word_set("user username principal login")

HTTP_METHODS: Final = word_set("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND")

FILE_SUFFIXES: Final = word_set(
    """
    avro bak bat bin bz2 c cc cfg cnf conf cpp crt cs css csv dat db deb dll exe go gz h hpp htm html ini jar java jks jpg js json key
    kt lock log lua md orc out p12 parquet pb pdf pem pfx php pid pl png properties proto ps1 py rb rpm rs sh so sock sql sys tar tgz
    tmp toml ts txt war xls xlsx xml yaml yml zip zst
    """
)

ERRNO: Final = re.compile(r"(?:E[A-Z]{3,}|(?:EAI|ERR|SIG|ER|SQLITE|SSL)_?[A-Z_]{3,40})\Z")
"""Names of errors that systems and drivers give (``ECONNREFUSED``, ``SIGKILL``, ``ERR_TLS_CERT``)."""

ERROR_NAME: Final = re.compile(r"[A-Za-z_$][\w$#\x01]*(?:Exception|Error|Failure|Fault|Warning|Interrupt|Timeout|Abort|Panic)\Z")
_PARTS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SMALL: Final = word_set("a an i o v x y z n s t")
_CONTRACTED: Final = re.compile(r"(?:n't|'(?:s|re|ve|ll|d|m))\Z")
_PREFIXES: Final = ("un", "re", "non", "pre", "mis", "dis", "over", "under", "sub", "auto", "multi", "de")
_ENDINGS: Final = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("es", ""),
    ("s", ""),
    ("ly", ""),
    ("er", "e"),
    ("er", ""),
    ("ors", "or"),
    ("able", ""),
    ("able", "e"),
    ("ation", "e"),
    ("ation", ""),
    ("ion", "e"),
    ("ion", ""),
    ("ment", ""),
    ("ness", ""),
)


def _inflected() -> frozenset[str]:
    """The vocabulary with every ending: looking up is cheaper than taking endings off."""
    forms: set[str] = set()
    for word in VOCABULARY:
        for ending, instead in _ENDINGS:
            root = word.removesuffix(instead) if word.endswith(instead) else ""
            if len(root) >= 3:
                forms.add(root + ending)
            if not instead and len(word) > 2:
                forms.add(word + word[-1] + ending)
    return frozenset(forms)


_INFLECTED: Final = _inflected()
_WORDS: Final = VOCABULARY | FUNCTION_WORDS | OBJECTS | FAULT_KEYS | {"a", "i"}


@lru_cache(maxsize=65_536)
def is_word(word: str) -> bool:
    """Whether one lower-case word is of the vocabulary, inflected forms included (``retries``, ``rescheduled``, ``couldn't``)."""
    if word in _WORDS:
        return True
    if "'" in word and (bare := _CONTRACTED.sub("", word)) != word:
        return is_word(bare) or bare in {"ca", "wo"}
    if len(word) < 5 or not word.isalpha():
        return False
    if word in _INFLECTED:
        return True
    if not word.startswith(_PREFIXES):
        return False
    stems = [word[len(p) :] for p in _PREFIXES if word.startswith(p) and len(word) - len(p) >= 3]
    return any(stem in VOCABULARY or stem in _INFLECTED for stem in stems)


@lru_cache(maxsize=65_536)
def is_prose(word: str) -> bool:
    """Whether a word, or every part of a compound (``NoSuchBucket``, ``read-only``, ``not_found``), is of the vocabulary."""
    if is_word(word.lower()):
        return True
    parts = _PARTS.findall(word)
    if sum(map(len, parts)) + word.count("-") + word.count("_") < len(word):
        return False
    if ("-" in word or "_" in word) and any(part.lower() in NAMELIKE or ("_" in word and len(part) == 1) for part in parts):
        return False
    return len(parts) > 1 and all(is_word(part.lower()) or part.lower() in _SMALL for part in parts)
