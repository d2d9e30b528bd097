/**
 * Passwords that everybody tries first, in lower case, without the digits and signs that people put around them: the
 * rules strip those before they look here. Written from general knowledge of published leak statistics, where the
 * same words lead year after year. Short on purpose: length and the pattern rules catch most of a longer list.
 */
const words = `
  password passw0rd passwort motdepasse contrasena contraseña senha wachtwoord haslo parola parole salasana losenord
  pass passwd passphrase secret secreto geheim default admin administrator root user guest test tester testing demo
  login logon signin signon welcome willkommen bienvenue bienvenido changeme change letmein openup opensesame sesame
  access enter hello hallo hola bonjour ciao goodbye whatever nothing something anything trustme trustno
  qwerty qwertz azerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc qweasd qweasdzxc
  monkey dragon tiger lion eagle falcon panther wolf bear horse dolphin shark spider phoenix unicorn butterfly kitty
  hellokitty puppy doggy kitten charlie buddy bailey cooper maggie rocky lucky ginger pepper cookie chocolate cheese
  banana orange apple cherry strawberry pumpkin coffee sugar honey sweet sweetie sunshine moonlight starlight rainbow
  summer winter spring autumn january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday birthday christmas holiday vacation weekend
  love iloveyou iloveu loveyou lovely lover loveme babygirl babyboy princess prince queen king angel heaven jesus
  christ god blessed faith grace forever family mother father mommy daddy sister brother friend friends
  football baseball basketball soccer hockey tennis golf runner swimming fitness liverpool arsenal chelsea barcelona
  realmadrid juventus manchester yankees cowboys steelers lakers redsox ferrari porsche mercedes mustang corvette
  harley yamaha toyota honda superman batman spiderman starwars startrek pokemon pikachu minecraft fortnite naruto
  matrix hunter shadow master killer ninja samurai warrior knight wizard magic merlin gandalf legend hero winner
  champion gamer player computer internet google facebook twitter instagram linkedin amazon netflix microsoft windows
  apple samsung android iphone server database system network security freedom liberty america american london paris
  berlin canada mexico brasil india china japan australia michael jennifer jessica ashley amanda daniel matthew
  andrew joshua robert thomas jordan nicole michelle anthony george william richard samantha elizabeth alexander
  maria anna andrea martin peter claudia sophie julia laura david sarah thunder lightning diamond silver golden
  crystal purple yellow blue green black white flower nature mountain river ocean summertime money dollar million
  lucky seven eleven company office business work worker staff employee agent manager support helpdesk callcenter
  contactcenter headset service customer customerservice
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(words.split(/\s+/).filter(Boolean));
