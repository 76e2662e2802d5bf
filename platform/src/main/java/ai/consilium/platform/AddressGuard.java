package ai.consilium.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Keeps calls of services of others away from where a cloud hands out a machine's credentials: link-local addresses, the metadata addresses and
 * their names. A name is looked up before each try, so that one that points there is refused too; the Java runtime keeps what
 * it looked up for 30 s, and so connects to what was checked. Thread-safe.
 */
public final class AddressGuard {
    private static final Set<String> METADATA_NAMES = Set.of(
            "metadata",
            "metadata.google.internal",
            "metadata.goog",
            "metadata.tencentyun.com",
            "instance-data",
            "instance-data.ec2.internal");
    /** Amazon's over IPv6, Alibaba's, Oracle's, Azure's. */
    private static final List<byte[]> METADATA_ADDRESSES =
            List.of("fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16").stream()
                    .map(literal -> address(literal).getAddress())
                    .toList();

    private static final byte[] NAT64 = address("64:ff9b::").getAddress();
    private static final int PREFIX_BYTES = 12;
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|.*:.*");

    private final Set<String> allowed;
    private final String remedy;

    /** Of scorers. @param allowed hosts that may be asked in spite of it, as addresses of scorers write them */
    public AddressGuard(Collection<String> allowed) {
        this(allowed, "; name it in reward.http.allow_hosts if it is meant");
    }

    private AddressGuard(Collection<String> allowed, String remedy) {
        this.allowed = allowed.stream().map(AddressGuard::plain).collect(Collectors.toUnmodifiableSet());
        this.remedy = remedy;
    }

    /** Without exceptions. */
    public static AddressGuard strict() {
        return new AddressGuard(Set.of(), "");
    }

    /** What forbids a host, as far as its name or address alone tells: nothing is looked up. */
    public Optional<String> problemAsWritten(String host) {
        String name = plain(host);
        if (allowed.contains(name)) {
            return Optional.empty();
        }
        boolean forbidden = METADATA_NAMES.contains(name)
                || (LITERAL.matcher(name).matches()
                        && literal(name).filter(AddressGuard::forbidden).isPresent());
        return forbidden ? Optional.of(refusal(host)) : Optional.empty();
    }

    /**
     * What forbids a host, by the addresses that it has now.
     *
     * @throws UnknownHostException when it has none
     */
    public Optional<String> problem(String host) throws UnknownHostException {
        String name = plain(host);
        if (allowed.contains(name)) {
            return Optional.empty();
        }
        boolean forbidden = METADATA_NAMES.contains(name)
                || Arrays.stream(InetAddress.getAllByName(name)).anyMatch(AddressGuard::forbidden);
        return forbidden ? Optional.of(refusal(host)) : Optional.empty();
    }

    private String refusal(String host) {
        return "host " + host + " is link-local or hands out a machine's credentials" + remedy;
    }

    private static boolean forbidden(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isLinkLocalAddress()
                || METADATA_ADDRESSES.stream().anyMatch(metadata -> Arrays.equals(metadata, bytes))
                || embedded(bytes).filter(AddressGuard::forbidden).isPresent();
    }

    /** The IPv4 address within an IPv6 one that a gateway would translate (RFC 6052), or of the form ::a.b.c.d. */
    private static Optional<InetAddress> embedded(byte[] bytes) {
        if (bytes.length <= PREFIX_BYTES) {
            return Optional.empty();
        }
        boolean translated = Arrays.equals(bytes, 0, PREFIX_BYTES, NAT64, 0, PREFIX_BYTES)
                || Arrays.equals(bytes, 0, PREFIX_BYTES, new byte[PREFIX_BYTES], 0, PREFIX_BYTES);
        try {
            return translated
                    ? Optional.of(InetAddress.getByAddress(Arrays.copyOfRange(bytes, PREFIX_BYTES, bytes.length)))
                    : Optional.empty();
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Lower case, without the dot of a complete name and the brackets of an IPv6 address. */
    private static String plain(String host) {
        String name = host.strip().toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            return name.substring(1, name.length() - 1);
        }
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static Optional<InetAddress> literal(String name) {
        try {
            return Optional.of(InetAddress.getByName(name));
        } catch (UnknownHostException none) {
            return Optional.empty();
        }
    }

    private static InetAddress address(String literal) {
        return literal(literal).orElseThrow();
    }
}
