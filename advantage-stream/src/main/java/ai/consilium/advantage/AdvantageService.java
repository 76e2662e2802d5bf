package ai.consilium.advantage;

final class AdvantageService {
  static final String ROLE = "advantage";
}
