// Payment codes as wasm/SPEC.md says. Each line of standard input is
// "seed prefix profile bucket bucket_digits tag_digits time_step", the seed in
// hexadecimal; each line of standard output is a code.
import static java.lang.Integer.rotateLeft;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Scanner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Generator {
  /** SM3 (GB/T 32905) of a message; a platform may bring its own. */
  static byte[] sm3(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) length += part.length;
    ByteBuffer text = ByteBuffer.allocate((length + 72) / 64 * 64);
    for (byte[] part : parts) text.put(part);
    text.put((byte) 0x80).putLong(text.capacity() - 8, 8L * length).rewind();
    int[] v = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
        0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};
    while (text.hasRemaining()) {
      int[] w = new int[68];
      for (int j = 0; j < 16; j++) w[j] = text.getInt();
      for (int j = 16; j < 68; j++) {
        int x = w[j - 16] ^ w[j - 9] ^ rotateLeft(w[j - 3], 15);
        w[j] = x ^ rotateLeft(x, 15) ^ rotateLeft(x, 23) ^ rotateLeft(w[j - 13], 7) ^ w[j - 6];
      }
      int a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7];
      for (int j = 0; j < 64; j++) {
        boolean early = j < 16;
        int t = rotateLeft(early ? 0x79cc4519 : 0x7a879d8a, j);
        int ss1 = rotateLeft(rotateLeft(a, 12) + e + t, 7);
        int ff = early ? a ^ b ^ c : a & b | a & c | b & c;
        int gg = early ? e ^ f ^ g : e & f | ~e & g;
        int tt1 = ff + d + (ss1 ^ rotateLeft(a, 12)) + (w[j] ^ w[j + 4]);
        int tt2 = gg + h + ss1 + w[j];
        d = c; c = rotateLeft(b, 9); b = a; a = tt1;
        h = g; g = rotateLeft(f, 19); f = e;
        e = tt2 ^ rotateLeft(tt2, 9) ^ rotateLeft(tt2, 17);
      }
      int[] made = {a, b, c, d, e, f, g, h};
      for (int i = 0; i < 8; i++) v[i] ^= made[i];
    }
    ByteBuffer sum = ByteBuffer.allocate(32);
    for (int x : v) sum.putInt(x);
    return sum.array();
  }

  static byte[] mac(int profile, byte[] seed, byte[] message) throws Exception {
    if (profile != 2) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(seed, "HmacSHA256"));
      return mac.doFinal(message);
    }
    byte[] inner = new byte[64], outer = new byte[64]; // RFC 2104
    for (int i = 0; i < 64; i++) {
      inner[i] = (byte) ((i < seed.length ? seed[i] : 0) ^ 0x36);
      outer[i] = (byte) (inner[i] ^ 0x36 ^ 0x5c);
    }
    return sm3(outer, sm3(inner, message));
  }

  public static void main(String[] args) throws Exception {
    Scanner in = new Scanner(System.in);
    while (in.hasNext()) {
      byte[] seed = HexFormat.of().parseHex(in.next());
      String prefix = in.next();
      int profile = in.nextInt(), bucket = in.nextInt(), b = in.nextInt(), t = in.nextInt();
      ByteBuffer message = ByteBuffer.allocate(52);
      message.put("offcode.v1 offline payment code\0".getBytes(StandardCharsets.US_ASCII));
      message.putInt(Integer.parseInt(prefix)).putInt(profile).putInt(bucket).putInt(0);
      message.putInt((int) in.nextLong());
      long start = ByteBuffer.wrap(mac(profile, seed, message.array())).getLong();
      long tag = Long.remainderUnsigned(start, (long) Math.pow(10, t));
      System.out.println(("%s%d%0" + b + "d%0" + t + "d").formatted(prefix, profile, bucket, tag));
    }
  }
}
