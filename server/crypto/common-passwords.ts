/**
 * Stems of the passwords that guessing starts with, in lower case and without digits or punctuation at the ends:
 * `password-policy.ts` also folds common letter substitutions and strips what people append, so each stem stands for
 * thousands of spellings (`Passw0rd!`, `p@ssword2024`, `PASSWORD123`).
 */
const STEMS = `
password passwd passwort passphrase passcode pass pwd passe motdepasse contrasena contrasenia senha parola heslo haslo
wachtwoord losenord salasana sifre kennwort geheim secret secreto segredo segreto topsecret mysecret private access
accessgranted entry enter login logon signin signup letmein letmeinnow openup open opensesame sesame abracadabra
welcome welcomeback willkommen bienvenue bienvenido benvenuto hello hellohello helloworld hallo hola bonjour ciao
goodbye goodluck goodmorning default changeme changeit changethis changenow pleasechange temporary temp tempo temppass
initial newpassword oldpassword mypassword yourpassword thepassword nopassword nopass noaccess noentry blank empty
none null undefined unknown nothing something anything whatever forgot forgotten remember reset setup install config
admin administrator adminadmin administrador sysadmin sysop webadmin netadmin superadmin superuser superman root
rootroot toor user users useruser username guest guestguest visitor public demo demodemo test testtest tester testing
testuser testpass sample example foobar foo bar baz lorem ipsum loremipsum service services server serveradmin
system manager supervisor operator support helpdesk security secure secured backup database oracle mysql postgres
postgresql mongodb redis elastic grafana jenkins docker kubernetes ansible vagrant ubuntu debian centos redhat linux
unix windows microsoft office outlook exchange google gmail yahoo hotmail facebook instagram twitter youtube linkedin
amazon apple iphone ipad macbook samsung galaxy android nokia motorola sony playstation xbox nintendo pokemon pikachu
minecraft roblox fortnite counterstrike callofduty warcraft starcraft diablo zelda mario supermario sonic
computer laptop desktop keyboard internet network wireless wifi router cisco netgear linksys dlink ubnt mikrotik
company corporate business enterprise office finance accounting sales marketing engineering developer development
production staging sandbox intranet employee customer client partner
controlzero control zero controlplane agent agents governance policy policies czctl czlive cztest appliance
selfmanaged quickstart bridge secretsbridge controlcore
january february march april may june july august september october november december
januar februar maerz mai juni juli oktober dezember enero febrero marzo abril mayo junio julio agosto septiembre octubre
noviembre diciembre janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
spring summer autumn fall winter season holiday holidays vacation weekend birthday christmas easter halloween newyear
fruehling sommer herbst verano invierno primavera otono printemps ete hiver automne
monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag
today tomorrow yesterday tonight morning evening midnight sunshine sunrise sunset moonlight starlight rainbow
love iloveyou iloveu loveyou loveme lovelove lovely lover loveyouforever truelove firstlove mylove amor amore teamo
tequiero jetaime ichliebedich liebe sweetheart sweetie darling honey baby babygirl babyboy babylove angel angels angelito
princess prince queen king kingdom family mother father mommy daddy mama papa brother sister forever always together
friend friends bestfriend happy happiness lucky luckyone blessed blessing freedom liberty peace hope faith grace jesus
jesuschrist christ god godisgood heaven church bible savior spirit
dragon monkey shadow master killer hunter ranger tigger tiger lion panther leopard eagle falcon hawk phoenix wolf
werewolf bear grizzly buster fluffy kitty kitten cat cats catdog dog dogs doggy puppy horse horses pony rabbit bunny
turtle dolphin dolphins shark whale fish butterfly ladybug spider spiderman batman ironman captain avengers wolverine
joker robin catwoman deadpool hulk thor marvel starwars startrek jedi yoda vader darthvader skywalker luke leia matrix
neo trinity morpheus gandalf frodo legolas aragorn hobbit lordoftherings harrypotter hogwarts gryffindor slytherin
hermione dumbledore voldemort naruto sasuke goku vegeta sakura pikapika hellokitty mickey mickeymouse minnie donald
snoopy garfield scooby scoobydoo simpsons homer bart familyguy southpark
football soccer baseball basketball hockey tennis golf golfer cricket rugby volleyball swimming running skateboard
snowboard surfing boxing wrestling fitness champion champions winner victory legend player gamer games gaming playboy
arsenal chelsea liverpool liverpoolfc manchester manchesterunited manutd tottenham everton newcastle westham barcelona
realmadrid juventus milan inter napoli roma bayern dortmund schalke ajax feyenoord psv benfica porto galatasaray
fenerbahce besiktas celtic rangers boca river flamengo corinthians palmeiras santos chivas america yankees redsox lakers
cowboys steelers packers eagles patriots broncos raiders dodgers giants bulls celtics
michael jennifer jessica ashley amanda daniel matthew joshua andrew joseph christopher nicholas anthony robert william
james john david richard thomas charles charlie mark paul steven kevin brian george edward ronald timothy jason jeffrey
ryan jacob gary eric stephen jonathan larry justin scott brandon benjamin samuel gregory frank alexander alex raymond
patrick jack dennis jerry tyler aaron jose adam nathan henry zachary douglas peter kyle walter ethan jeremy harold
mary patricia linda barbara elizabeth susan sarah karen nancy lisa betty margaret sandra kimberly emily donna michelle
dorothy carol melissa deborah stephanie rebecca laura sharon cynthia kathleen amy angela shirley anna brenda pamela emma
nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia
joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria
teresa sara madison frances kathryn janice jean abigail alice julia sophia sophie chloe lily jasmine daisy rose
maggie molly lucy bella coco max jake rocky bailey cooper toby oscar sammy ginger pepper cookie chocolate vanilla
peanut banana orange apple cherry strawberry mango pineapple coconut cheese pizza burger bacon butter sugar candy
coffee espresso whiskey vodka tequila heineken budweiser corona guinness cocacola pepsi
mercedes porsche ferrari lamborghini bmw audi toyota honda yamaha suzuki kawasaki harley harleydavidson mustang camaro
corvette chevy chevrolet ford jeep dodge nissan mazda subaru volkswagen volvo
america american canada mexico brasil brazil argentina colombia peru chile england london britain scotland ireland
france paris germany deutschland berlin hamburg munich austria wien switzerland zurich italia italy spain espana madrid
portugal lisboa netherlands holland amsterdam belgium sweden stockholm norway denmark finland poland polska warszawa
russia moscow ukraine turkey turkiye istanbul india mumbai delhi bangalore pakistan china beijing shanghai japan tokyo
korea seoul singapore australia sydney melbourne newyork chicago boston dallas houston texas florida miami california
losangeles sanfrancisco seattle denver atlanta washington philadelphia detroit phoenix arizona alaska hawaii
metallica nirvana slipknot linkinpark greenday blink beatles rolling rollingstones pinkfloyd ledzeppelin acdc ironmaiden
megadeth eminem tupac biggie rihanna beyonce madonna elvis music guitar piano drums bass rockstar rocknroll hiphop
black white red blue green yellow purple pink silver golden gold diamond crystal platinum sapphire ruby emerald
bluesky redrose blackcat whitewolf silverado goldfish purplerain
money cash dollar million millionaire billion rich success power powerful energy force thunder lightning storm hurricane
tornado fire firefire ice water river ocean mountain forest desert island garden flower flowers blossom nature earth
world universe galaxy cosmos planet jupiter saturn mercury venus mars neptune pluto apollo zeus athena hercules achilles
asshole bitch bullshit fuck fucker fuckoff fuckme fuckyou fucku motherfucker shit pussy sexy sexsex cumshot dick
bigdick cock hardcore naked nipples porn porno horny hottie whore slut bastard badass badboy goodboy
superstar supernova superpower ultra mega turbo nitro ninja samurai warrior knight viking pirate gangster mafia ghost
phantom demon devil lucifer satan evil darkness dark darkside nightmare vampire zombie skull reaper death destiny
mystery magic magical merlin wizard witch sorcerer unicorn fairy mermaid
please thankyou thanks sorry whatsup lol lmao omg yolo swag cool coolcool awesome amazing beautiful gorgeous handsome
crazy crazyfrog stupid idiot loser nerd geek hacker hacked hack hackme crack cracker virus trojan
trustno trustnoone iamgod ihateyou hateyou missyou kissme kisses hugs dreamer dream dreams imagine believe inspire
student teacher school college university harvard stanford class graduate science physics chemistry biology history
doctor nurse hospital medical police army navy airforce marines soldier sniper rifle bullet gunner pilot airplane
`;

/** Rows of keys that people run a finger along; every run of four or more, either way, adds nothing to a password. */
export const KEYBOARD_ROWS: readonly string[] = [
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
  'qsdfghjklm',
  'zxcvbnm',
  'yxcvbnm',
  'wxcvbn',
  '1234567890',
  '0123456789',
  'abcdefghijklmnopqrstuvwxyz',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
  'qazwsxedcrfvtgbyhnujm',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '147258369',
  '789456123',
  '!@#$%^&*()_+',
  '!"§$%&/()=',
  '159753',
  '951753',
];

/** The stems as a set; built once, about a thousand entries. */
export const COMMON_STEMS: ReadonlySet<string> = new Set(STEMS.split(/\s+/).filter((stem) => stem !== ''));
