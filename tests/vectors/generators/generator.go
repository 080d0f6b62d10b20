// Payment codes as wasm/SPEC.md says. Each line of standard input is
// "seed prefix profile bucket bucket_digits tag_digits time_step", the seed in
// hexadecimal; each line of standard output is a code.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/bits"
	"strconv"
)

var be, rot = binary.BigEndian, bits.RotateLeft32

// SM3 (GB/T 32905) of a message.
func sm3(message []byte) (sum []byte) {
	v := [8]uint32{0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e}
	text := append(append(message, 0x80), make([]byte, (119-len(message)%64)%64)...)
	for text = be.AppendUint64(text, uint64(len(message))*8); len(text) > 0; text = text[64:] {
		var w [68]uint32
		for j := range w[:16] {
			w[j] = be.Uint32(text[4*j:])
		}
		for j := 16; j < 68; j++ {
			x := w[j-16] ^ w[j-9] ^ rot(w[j-3], 15)
			w[j] = x ^ rot(x, 15) ^ rot(x, 23) ^ rot(w[j-13], 7) ^ w[j-6]
		}
		a, b, c, d, e, f, g, h := v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
		for j := 0; j < 64; j++ {
			t, ff, gg := uint32(0x79cc4519), a^b^c, e^f^g
			if j >= 16 {
				t, ff, gg = 0x7a879d8a, a&b|a&c|b&c, e&f|^e&g
			}
			ss1 := rot(rot(a, 12)+e+rot(t, j%32), 7)
			tt1 := ff + d + (ss1 ^ rot(a, 12)) + (w[j] ^ w[j+4])
			tt2 := gg + h + ss1 + w[j]
			a, b, c, d = tt1, a, rot(b, 9), c
			e, f, g, h = tt2^rot(tt2, 9)^rot(tt2, 17), e, rot(f, 19), g
		}
		for i, x := range [8]uint32{a, b, c, d, e, f, g, h} {
			v[i] ^= x
		}
	}
	for _, x := range v {
		sum = be.AppendUint32(sum, x)
	}
	return sum
}

func main() {
	var seedHex, prefix string
	var profile, bucket, bucketDigits, tagDigits, step uint64
	for {
		if n, _ := fmt.Scan(&seedHex, &prefix, &profile, &bucket, &bucketDigits, &tagDigits, &step); n < 7 {
			return
		}
		seed, _ := hex.DecodeString(seedHex)
		number, _ := strconv.ParseUint(prefix, 10, 32)
		message := []byte("offcode.v1 offline payment code\x00")
		for _, word := range []uint64{number, profile, bucket, 0, step} {
			message = be.AppendUint32(message, uint32(word))
		}
		sum := func(text []byte) []byte { sum := sha256.Sum256(text); return sum[:] }
		if profile == 2 {
			sum = sm3
		}
		inner, outer := make([]byte, 64), make([]byte, 64) // RFC 2104
		for i := range inner {
			key := append(seed, make([]byte, 32)...)[i]
			inner[i], outer[i] = key^0x36, key^0x5c
		}
		mac := sum(append(outer, sum(append(inner, message...))...))
		tag := be.Uint64(mac) % uint64(math.Pow10(int(tagDigits)))
		fmt.Printf("%s%d%0*d%0*d\n", prefix, profile, int(bucketDigits), bucket, int(tagDigits), tag)
	}
}
