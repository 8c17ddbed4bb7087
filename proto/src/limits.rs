//! Every limit of the protocol, in one place. `docs/PROTOCOL.md` lists them with the same names.

/// Bytes of one frame's body before login: the largest login message is under 1 KiB.
pub const MAX_FRAME_BEFORE_LOGIN: usize = 4 * 1024;

/// Bytes of one frame's body after login: one long text with room for its envelope, or a page of a list.
pub const MAX_FRAME: usize = 64 * 1024;

/// Bytes of the length that precedes every frame, big-endian.
pub const FRAME_HEADER: usize = 4;

/// How deep maps and lists may nest in a frame. The deepest message of version 1 has 8 levels.
pub const MAX_DEPTH: usize = 16;

/// Bytes of UTF-8 in one text. Longer is a file.
pub const MAX_TEXT_BYTES: usize = 16 * 1024;

/// Bytes of a user's name, all ASCII: fits a contact row, a line of `credentials.txt` and a log line.
pub const MAX_NAME_BYTES: usize = 32;

/// Bytes of a password, all ASCII. Longer adds no strength.
pub const MAX_PASSWORD_BYTES: usize = 128;

/// Bytes of the words in which a program names itself and its version, or a server its title.
pub const MAX_AGENT_BYTES: usize = 64;

/// Names of optional features in one hello.
pub const MAX_FEATURES: usize = 32;

/// Message ids in one look-up of message states.
pub const MAX_LOOKUP_IDS: usize = 256;

/// Requests of one connection that may wait for their answer; the server reads no further until one is answered.
pub const MAX_OPEN_REQUESTS: usize = 256;

/// Stored messages sent to one client ahead of its acknowledgement.
pub const MAX_UNACKNOWLEDGED: usize = 256;

/// Wrong passwords in a row that lock a name.
pub const MAX_LOGIN_TRIES: u8 = 3;

/// Unfinished logins of one name at the same time: bounds guesses made in parallel.
pub const MAX_OPEN_LOGINS_PER_NAME: usize = 8;

/// Seconds from the connection to the end of the login; an unfinished one is dropped.
pub const LOGIN_DEADLINE_S: u64 = 10;

/// Seconds the server waits for an old line's sign of life before a right password takes its place.
pub const SIGN_OF_LIFE_S: u64 = 2;

/// Seconds after which others see a user whose line was lost as offline.
pub const LOST_GRACE_S: u64 = 15;

/// Seconds of silence on a line after which either side sends a ping.
pub const PING_AFTER_S: u64 = 10;

/// Seconds of silence on a line after which either side gives it up: two pings went unanswered.
pub const LINE_DEAD_AFTER_S: u64 = 25;

/// Days for which the server remembers session times and what became of messages.
pub const MEMORY_DAYS: u64 = 30;

/// Sessions of one user in the answer to `whoelsesince`; earlier ones are counted. A month of three a day.
pub const MAX_SPANS_PER_USER: usize = 100;

/// Milliseconds over which presence changes are gathered into one frame, when few are online.
pub const PRESENCE_DELAY_MIN_MS: u64 = 50;

/// Milliseconds over which presence changes are gathered into one frame, when very many are online.
pub const PRESENCE_DELAY_MAX_MS: u64 = 250;

/// Addresses under which one device may be reached: a few networks, each old and new, and a relay.
pub const MAX_ADDRESSES: usize = 16;

/// Seconds after which a question for a private session that nobody answers is over.
pub const PRIVATE_REQUEST_S: u64 = 60;

/// Questions for private sessions that one user may have open, and that may wait for one user.
pub const MAX_PRIVATE_REQUESTS: usize = 64;

/// Private sessions of one user: more than anybody keeps in view, and their names fit one frame.
pub const MAX_PRIVATE_SESSIONS: usize = 256;

/// Bytes of a file's name: what file systems take.
pub const MAX_FILE_NAME_BYTES: usize = 255;

/// Bytes of a file, 256 GiB: the hashes of its pieces take 8 MiB of memory.
pub const MAX_FILE_BYTES: u64 = 256 << 30;

/// Chunks into which the index cuts a file.
pub const MAX_CHUNKS: u8 = 10;

/// Bytes of one piece of a chunk: what is asked for, verified and written at once.
pub const PIECE_BYTES: u64 = 1 << 20;

/// Files of one user in the index.
pub const MAX_FILES_PER_USER: usize = 1000;

/// Files that one search finds at most.
pub const MAX_FOUND_FILES: usize = 100;

/// Seconds before the end by inactivity at which the client is warned; a tenth of the timeout, if that is shorter.
pub const INACTIVITY_WARNING_S: u64 = 60;
