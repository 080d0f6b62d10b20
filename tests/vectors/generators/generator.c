/* Payment codes as wasm/SPEC.md says, by OpenSSL 3:
 *   cc generator.c -lcrypto
 * Each line of standard input is
 * "seed prefix profile bucket bucket_digits tag_digits time_step", the seed in
 * hexadecimal; each line of standard output is a code. */
#include <inttypes.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

static void put_word(uint8_t *at, uint32_t word) {
  for (int i = 0; i < 4; i++) at[i] = (uint8_t)(word >> (24 - 8 * i));
}

/* The tag of a seed of 32 bytes at a time step; 0 on success. */
static int make_tag(const uint8_t *seed, uint32_t prefix, uint32_t profile,
                    uint32_t bucket, int tag_digits, uint32_t step,
                    uint64_t *tag) {
  uint8_t message[52] = "offcode.v1 offline payment code";
  uint8_t mac[32];
  unsigned length = sizeof mac;
  put_word(message + 32, prefix);
  put_word(message + 36, profile);
  put_word(message + 40, bucket);
  put_word(message + 44, 0);
  put_word(message + 48, step);
  const EVP_MD *hash = profile == 2 ? EVP_sm3() : EVP_sha256();
  if (!HMAC(hash, seed, 32, message, sizeof message, mac, &length)) return -1;
  uint64_t start = 0, modulus = 1;
  for (int i = 0; i < 8; i++) start = start << 8 | mac[i];
  for (int i = 0; i < tag_digits; i++) modulus *= 10;
  *tag = start % modulus;
  return 0;
}

int main(void) {
  char seed_hex[65], prefix[3];
  uint32_t profile, bucket, step, number;
  int bucket_digits, tag_digits;
  while (scanf("%64s %2s %" SCNu32 " %" SCNu32 " %d %d %" SCNu32, seed_hex,
               prefix, &profile, &bucket, &bucket_digits, &tag_digits,
               &step) == 7) {
    uint8_t seed[32];
    uint64_t tag;
    for (int i = 0; i < 32; i++) sscanf(seed_hex + 2 * i, "%2hhx", &seed[i]);
    sscanf(prefix, "%2" SCNu32, &number);
    if (make_tag(seed, number, profile, bucket, tag_digits, step, &tag) != 0)
      return 1;
    printf("%s%" PRIu32 "%0*" PRIu32 "%0*" PRIu64 "\n", prefix, profile,
           bucket_digits, bucket, tag_digits, tag);
  }
  return 0;
}
