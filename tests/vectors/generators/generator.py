"""Payment codes as wasm/SPEC.md says.

Each line of standard input is
`seed prefix profile bucket bucket_digits tag_digits time_step`, the seed in
hexadecimal; each line of standard output is a code.
"""

import hashlib
import hmac
import struct
import sys

LABEL = b"offcode.v1 offline payment code\0"
MACS = {2: "sm3"}  # every other profile: HMAC-SHA-256


def payment_code(seed, prefix, profile, bucket, bucket_digits, tag_digits, step):
    """The code of a seed of 32 bytes at a time step."""
    message = LABEL + struct.pack(">5I", int(prefix), profile, bucket, 0, step)
    name = MACS.get(profile, "sha256")
    mac = hmac.new(seed, message, lambda: hashlib.new(name)).digest()
    (start,) = struct.unpack(">Q", mac[:8])
    tag = start % 10**tag_digits
    return f"{prefix}{profile}{bucket:0{bucket_digits}}{tag:0{tag_digits}}"


for line in sys.stdin:
    seed, prefix, *numbers = line.split()
    profile, bucket, bucket_digits, tag_digits, step = map(int, numbers)
    print(
        payment_code(
            bytes.fromhex(seed),
            prefix, profile, bucket, bucket_digits, tag_digits, step,
        )
    )
